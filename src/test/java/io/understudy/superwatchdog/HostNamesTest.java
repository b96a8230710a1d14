package io.understudy.superwatchdog;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Names are looked up on a thread that may wait, which is played here by a queue. */
class HostNamesTest {
  private final Map<String, String> nameServer = new HashMap<>();
  private final ArrayDeque<Runnable> blocking = new ArrayDeque<>();
  private long now;
  private final HostNames names = new HostNames(this::lookUp, blocking::add, () -> now);

  private InetAddress lookUp(String name) throws UnknownHostException {
    var address = Character.isLetter(name.charAt(0)) ? nameServer.get(name) : name;
    if (address == null) {
      throw new UnknownHostException(name);
    }
    return InetAddress.getByName(address);
  }

  private String find(String name) {
    return names.find(name).map(InetAddress::getHostAddress).orElse("-");
  }

  private void answer() {
    blocking.forEach(Runnable::run);
    blocking.clear();
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  @Test
  @DisplayName("[48] an address is known at once, a name when the name server has answered")
  void addressesAndNames() {
    nameServer.put("h2.example", "127.0.0.2");
    assertThat(find("127.0.0.1")).isEqualTo("127.0.0.1");
    assertThat(find("::1")).isEqualTo("0:0:0:0:0:0:0:1");
    assertThat(find("h2.example")).isEqualTo("-");
    answer();
    assertThat(find("h2.example")).isEqualTo("127.0.0.2");
    assertThat(blocking).isEmpty();
  }

  @Test
  @DisplayName("[48] a name that the name server does not know is asked for again")
  void unknown() {
    find("h2.example");
    find("h2.example");
    assertThat(blocking).as("asked once").hasSize(1);
    answer();
    find("h2.example");
    assertThat(blocking).as("not again at once").isEmpty();
    nameServer.put("h2.example", "127.0.0.2");
    pass(HostNames.AGAIN);
    find("h2.example");
    answer();
    assertThat(find("h2.example")).isEqualTo("127.0.0.2");
  }

  @Test
  @DisplayName("[48] a name's address stands while the name server is away, and follows a change")
  void stands() {
    nameServer.put("h2.example", "127.0.0.2");
    find("h2.example");
    answer();
    nameServer.clear();
    pass(HostNames.AGAIN);
    assertThat(find("h2.example")).isEqualTo("127.0.0.2");
    answer();
    assertThat(find("h2.example")).isEqualTo("127.0.0.2");
    nameServer.put("h2.example", "127.0.0.9");
    pass(HostNames.AGAIN);
    find("h2.example");
    answer();
    assertThat(find("h2.example")).isEqualTo("127.0.0.9");
  }
}
