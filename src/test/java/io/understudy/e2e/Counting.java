package io.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import io.understudy.example.CountClient;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client that counts with a module of FIG. 1, all the time, whatever happens to the module. */
final class Counting implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int MORE = 5;
  private static final String KEY = "tested";

  private final String module;
  private final CountClient client;
  private final Thread thread;
  private final List<Long> counts = new ArrayList<>();
  private @Nullable Exception failure;
  private volatile boolean ended;

  private Counting(String module, int port) {
    var nodes =
        Fig1.HOSTS.stream()
            .map(host -> URI.create("http://%s:7626".formatted(Fig1.address(host))))
            .toList();
    this.module = module;
    this.client = new CountClient(nodes, module, port, PATIENCE);
    this.thread = Thread.ofPlatform().name("counts " + module).start(this::run);
  }

  /** Begins. */
  static Counting with(String module, int port) {
    return new Counting(module, port);
  }

  private void run() {
    try {
      while (!ended) {
        var counted = client.count(KEY).count();
        synchronized (this) {
          counts.add(counted);
        }
        TimeUnit.MILLISECONDS.sleep(20);
      }
    } catch (IOException | InterruptedException e) {
      synchronized (this) {
        failure = e;
      }
    }
  }

  private synchronized List<Long> counts() {
    assertThat(failure).as("counting with %s", module).isNull();
    return List.copyOf(counts);
  }

  /** Waits until a few more have been answered. */
  void goesOn() {
    var before = counts().size();
    Await.until(() -> assertThat(counts()).hasSizeGreaterThan(before + MORE));
  }

  /** Ends, and checks that each request has counted once, and none that was answered is lost. */
  void verify() throws InterruptedException, IOException {
    close();
    var all = counts();
    for (var i = 0; i < all.size(); i++) {
      assertThat(all.get(i)).as("answer %d of %s in %s", i, module, all).isEqualTo(i + 1L);
    }
    assertThat(client.read(KEY).count()).isEqualTo(all.size());
  }

  @Override
  public void close() throws InterruptedException {
    ended = true;
    thread.join();
  }
}
