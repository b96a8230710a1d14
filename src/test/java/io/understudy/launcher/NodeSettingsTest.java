package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.understudy.management.OperatorToken;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator may set, and what each mistake is answered with. */
class NodeSettingsTest {
  @TempDir private Path folder;

  private NodeSettings read(String text, Map<String, Object> given) throws IOException {
    var file = folder.resolve("node.conf");
    Files.writeString(file, text);
    return NodeSettings.from(SettingsFile.load(Optional.of(file), given));
  }

  private static void complains(int code, String message, ThrowingCallable work) {
    assertThatExceptionOfType(Complaint.class)
        .isThrownBy(work)
        .satisfies(complaint -> assertThat(complaint.exitCode()).isEqualTo(code))
        .withMessageContaining(message)
        .satisfies(complaint -> assertThat(complaint.getMessage()).doesNotContain("\n"));
  }

  @Test
  @DisplayName("[64] a node has either role alone, or both")
  void roles() throws IOException {
    assertThat(read("understudy { host = H1 }", Map.of()).roles())
        .containsExactlyInAnyOrder("watchdog", "manager");
    assertThat(read("understudy { host = H1, roles = [watchdog] }", Map.of()).roles())
        .containsExactly("watchdog");
    assertThat(read("understudy { host = H1, roles = [manager] }", Map.of()).roles())
        .containsExactly("manager");
  }

  @Test
  @DisplayName("a short lease => the WatchDog beats often enough to keep it")
  void heartbeatsOfAShortLease() throws IOException {
    var path = "understudy.watchdog.heartbeat-interval";
    var usual = read("understudy { host = H1 }", Map.of()).config();
    assertThat(usual.getDuration(path)).isEqualTo(Duration.ofMillis(500));
    var brief = read("understudy { host = H1, lease.duration = 1s }", Map.of()).config();
    assertThat(brief.getDuration(path)).isEqualTo(Duration.ofMillis(200));
  }

  @Test
  void theCommandLineComesBeforeTheFileAndTheFileBeforeTheDefaults() throws IOException {
    var settings =
        read(
            "understudy { host = H1, address = 127.0.0.7, port = 9, data = /tmp/x }",
            Map.of("understudy.port", 10, "understudy.host", "H7"));

    assertThat(settings.host()).hasToString("H7");
    assertThat(settings.at()).isEqualTo("127.0.0.7:10");
    assertThat(settings.management().address()).isEqualTo("127.0.0.7");
    assertThat(settings.management().port()).isEqualTo(7626);
    assertThat(settings.management().tokenFile()).hasToString("/tmp/x/operator.token");
    assertThat(settings.journal().shown()).isEqualTo("jdbc:h2:file:/tmp/x/journal/understudy");
    assertThat(settings.pekkoConfig().getStringList("pekko.cluster.roles"))
        .containsExactlyInAnyOrder("watchdog", "manager", "host-H7", "pulse-17356");
  }

  @Test
  void managementStaysOnLoopbackUnlessToldOtherwise() throws IOException {
    assertThat(
            read("understudy { host = H1, address = 10.0.0.1 }", Map.of()).management().address())
        .isEqualTo("127.0.0.1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "understudy { hots = H1 } | understudy.hots (line 1) is not a known key; did you mean"
            + " \"host\"?",
        "understudy { management { prot = 1 } } | understudy.management.prot (line 1) is not a"
            + " known key; did you mean \"port\"?",
        "understudi { host = H1 } | understudi (line 1) is not a known key; did you mean"
            + " \"understudy\"?",
        "understudy = 5 | understudy (line 1) = 5 is not possible; write a block",
        "understudy { host = 'H 1' } | understudy.host (line 1) is not possible: host name \"H 1\"",
        "understudy { port = ninety } | understudy.port (line 1) = \"ninety\" is not possible",
        "understudy { port = 70000 } | write a whole number from 0 to 65535",
        "understudy { port = -1 } | = -1 is not possible; write a whole number from 0 to 65535",
        "understudy { host = null } | understudy.host (line 1) = null is not possible; leave host"
            + " out, or give a value",
        "understudy { roles = [boss] } | = \"boss\" is not known; write watchdog or manager",
        "understudy { roles = [] } | understudy.roles (line 1) is empty; list watchdog, manager or"
            + " both",
        "understudy { roles = [watchdog], seeds = [H1] } | has \"H1\"; write address:port",
        "understudy { seeds = ['127.0.0.9:99999'] } | has \"127.0.0.9:99999\"; write address:port",
        "understudy { seeds = ['127.0.0.9:0'] } | has \"127.0.0.9:0\"; write address:port",
        "understudy { seeds = ['my_host:17355'] } | has \"my_host:17355\"; write address:port",
        "understudy { seeds = ['http://a:17355'] } | has \"http://a:17355\"; write address:port",
        "understudy { address = my_host } | understudy.address (line 1) = \"my_host\" is not"
            + " possible; write an IP address, or a name of letters, digits, dots and dashes",
        "understudy { lease { duration = 0s } } | understudy.lease.duration (line 1) = \"0s\" is"
            + " not possible; give a time from 1ms to 200d",
        "understudy { lease { duration = 1000000d } } | give a time from 1ms to 200d",
        "understudy { lease { duration = soon } } | understudy.lease.duration (line 1) = \"soon\""
            + " is not possible; write a number with its unit, as in 500ms, 2s or 1h",
        "understudy { lease { duration = 100ms } } | understudy.lease: a lease of PT0.1S, of which"
            + " PT0.2S to stop",
        "understudy { lease { duration = 203ms } } | settings: understudy.lease: a lease of"
            + " PT0.203S, of which PT0.2S to stop, leaves no time to renew it: make duration at"
            + " least 40 ms",
        "understudy { lease { clock-drift = 7 } } | and the drift at least 0 and less than 0.5",
        "understudy { lease { clock-drift = x } } | = \"x\" is not possible; write a number",
        "understudy { watchdog { api { port = 99999 } } } | understudy.watchdog.api.port (line 1) ="
            + " 99999 is not possible; write a whole number from 0 to 65535",
        "understudy { watchdog { log { keep = -3 } } } | write a whole number from 0",
        "understudy { watchdog { log { max-size = much } } } | write a size with its unit",
        "understudy { watchdog { allowed-paths = /bin } } | write a list",
        "understudy { watchdog = 5 } | understudy.watchdog",
        "understudy { manager { snapshot-every = 0 } } | write a whole number from 1",
        "understudy { guard { enabled = perhaps } } | = \"perhaps\" is not possible; write true or",
        "understudy { seeds = ['127.0.0.9:17355'] } | understudy.journal.url is not set, and a file"
            + " of this node's own cannot be shared",
        "understudy { journal { url = 'jdbc:mysql://x' } } | give a JDBC address that starts with"
            + " jdbc:h2: or jdbc:postgresql:",
        "understudy { host = | settings file ",
      })
  void eachMistakeIsNamedWithItsRemedy(String text, String message) {
    complains(Complaint.USAGE, message, () -> read(text.replace('\'', '"'), Map.of()));
  }

  @Test
  @DisplayName("each time that a node has => none is negative")
  void times() throws IOException {
    var times =
        read("understudy { host = H1 }", Map.of())
            .config()
            .getConfig("understudy")
            .entrySet()
            .stream()
            .filter(entry -> String.valueOf(entry.getValue().unwrapped()).matches("[0-9]+m?s"))
            .map(entry -> "understudy." + entry.getKey())
            .toList();

    assertThat(times).contains("understudy.lease.duration").hasSizeGreaterThan(10);
    for (String path : times) {
      var given = Map.<String, Object>of(path, "-1s");
      complains(
          Complaint.USAGE,
          path + " = \"-1s\" is not possible; give a time from",
          () -> read("understudy { host = H1 }", given));
    }
  }

  @Test
  void whatIsMissingIsSaid() {
    complains(
        Complaint.USAGE,
        "settings file /no/such cannot be read",
        () -> SettingsFile.load(Optional.of(Path.of("/no/such")), Map.of()));
    complains(
        Complaint.USAGE,
        "command line: understudy.prot is not a known key; did you mean \"port\"?",
        () -> SettingsFile.load(Optional.empty(), Map.of("understudy.prot", 1)));
  }

  @Test
  void anIncludeAndTheEnvironmentWorkAsTheyDoInHocon() throws IOException {
    Files.writeString(folder.resolve("common.conf"), "management.token-file = ${?NO_SUCH_NAME}");
    var settings = read("understudy { host = H1, include \"common.conf\" }", Map.of());

    assertThat(settings.management().tokenFile().getFileName()).hasToString("operator.token");
  }

  @Test
  void aPortInUseIsNamedWithItsSetting() throws IOException {
    try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var port = other.getLocalPort();
      complains(
          Complaint.REFUSED,
          "port %d of 127.0.0.1 is in use by another program; stop that, or change understudy.a"
              .formatted(port),
          () -> Preflight.free("127.0.0.1", port, "understudy.address and port"));
    }
    complains(
        Complaint.REFUSED,
        "address 192.0.2.1 is not one of this machine; set understudy.address",
        () -> Preflight.free("192.0.2.1", 1, "understudy.address and port"));
  }

  @Test
  void theTokenIsMadeOnceForItsOwnerAlone() throws IOException {
    var file = folder.resolve("data").resolve("operator.token");
    var tokens =
        IntStream.range(0, 50).parallel().mapToObj(i -> token(file).secret()).distinct().toList();

    assertThat(tokens).hasSize(1);
    assertThat(tokens.getFirst()).matches("[0-9a-f]{64}");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(token(file)).hasToString("OperatorToken from " + file);
    try (var left = Files.list(file.getParent())) {
      assertThat(left).containsExactly(file);
    }
    Files.writeString(file, "");
    complains(
        Complaint.USAGE,
        "is empty; delete the file",
        () -> Preflight.token(new NodeSettings.Management("127.0.0.1", 0, Optional.empty(), file)));
  }

  private static OperatorToken token(Path file) {
    try {
      return OperatorToken.in(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
