package io.understudy.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import io.understudy.model.ModuleSpec;
import java.io.IOException;
import java.sql.SQLException;

/** The only client of a cold module that counts one key; knows what the module may forget. */
final class ColdCounter {
  private static final String KEY = "k";

  private final RealHosts hosts;
  private final ModuleSpec spec;
  private final int port;
  private final Primaries primaries;
  private long request;
  private long acknowledged;
  private long stored;
  private boolean failing;
  private long forgotten;

  ColdCounter(RealHosts hosts, ModuleSpec spec, int port) {
    this.hosts = hosts;
    this.spec = spec;
    this.port = port;
    this.primaries = new Primaries(hosts, spec.module().value());
  }

  ModuleSpec spec() {
    return spec;
  }

  private String name() {
    return spec.module().value();
  }

  /** Where it runs. */
  String host() {
    return hosts.sequencer(name());
  }

  long pid() {
    return hosts.pid(name(), host());
  }

  /** Counts so many, and waits until all but the last of them, fewer than these, are stored. */
  void count(int times, int notStored) {
    for (int i = 0; i < times; i++) {
      request++;
      var count = Await.until(() -> ask("POST"));
      assertThat(count)
          .as("the answer to request %d of %s", request, this)
          .isEqualTo(acknowledged + 1);
      acknowledged = count;
    }
    Await.until(
        () ->
            assertThat(stored()).as("stored of %s", this).isGreaterThan(acknowledged - notStored));
  }

  /** Each update counts once, so that its number is the count. */
  private long stored() throws SQLException {
    return hosts.checkpointed(name());
  }

  /** What is stored now, it may not lose. */
  void expectFailover() throws SQLException {
    failing = true;
    stored = stored();
  }

  /** It serves, with all that was stored, and with all that was acknowledged if it did not fail. */
  void assertGoesOn() {
    var count = Await.until(() -> ask("GET"));
    assertThat(count)
        .as("%s, of which %d updates were stored", this, stored)
        .isBetween(failing ? stored : acknowledged, acknowledged);
    forgotten += acknowledged - count;
    acknowledged = count;
    failing = false;
  }

  private long ask(String method) throws IOException, InterruptedException {
    var host =
        primaries.now().stream().findFirst().orElseThrow(() -> new IOException("no primary"));
    var at = "%s:%d".formatted(hosts.address(host), port);
    try {
      return new CountRequest(method, at, KEY, name(), request).send();
    } catch (IOException e) {
      primaries.without(host);
      throw e;
    }
  }

  @Override
  public String toString() {
    return "%s: %d requests, at %d, %d forgotten"
        .formatted(name(), request, acknowledged, forgotten);
  }
}
