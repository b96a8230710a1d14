package io.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/** All nodes of FIG. 1 are killed at once, at a random moment of a stream of registrations. */
record MassDeath(Fig1 fig1, SplittableRandom random) {
  /** The common pool has a single thread on two cores, and starting a host blocks. */
  private static final ExecutorService THREADS = Executors.newCachedThreadPool();

  private static final int MOST_BEFORE_THE_KILL = 60;

  /** Its hosts do not exist, so that the registration is all that happens. */
  private static final String SPEC =
      """
      module = %s
      style = cold
      copies = [ { host = X1, location = "/nowhere" }, { host = X2, location = "/nowhere" } ]
      """;

  /**
   * Kills and starts them.
   *
   * @param names what the names of the modules begin with
   * @return the modules that were acknowledged
   */
  Set<String> amidRegistrations(String names) {
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    var enough = new CountDownLatch(1 + random.nextInt(MOST_BEFORE_THE_KILL));
    var dead = new AtomicBoolean();
    var host = Fig1.HOSTS.get(random.nextInt(Fig1.HOSTS.size()));
    var stream =
        CompletableFuture.runAsync(
            () -> register(host, names, acknowledged, enough, dead), THREADS);
    Await.until(() -> assertThat(enough.getCount()).isZero());
    killAll();
    dead.set(true);
    stream.join();
    startAll();
    return Set.copyOf(acknowledged);
  }

  private void register(
      String host,
      String names,
      Set<String> acknowledged,
      CountDownLatch enough,
      AtomicBoolean dead) {
    for (int i = 0; !dead.get(); i++) {
      var module = names + i + "x";
      try {
        if (fig1.put(host, module, SPEC.formatted(module)) == 201) {
          acknowledged.add(module);
          enough.countDown();
        }
      } catch (IOException e) {
        assertThat(e).isNotNull(); // the node is dead, or died before it answered: not acknowledged
      }
    }
  }

  private void killAll() {
    var pids = Fig1.HOSTS.stream().map(fig1::nodePid).map(String::valueOf).toList();
    var command = new ArrayList<>(List.of("kill", "-KILL"));
    command.addAll(pids);
    Shell.run(Map.of(), command).ok();
    Await.until(
        () -> assertThat(pids).noneMatch(pid -> ProcessHandle.of(Long.parseLong(pid)).isPresent()));
  }

  private void startAll() {
    var starting =
        Fig1.HOSTS.stream()
            .map(host -> CompletableFuture.runAsync(() -> fig1.script("start", host).ok(), THREADS))
            .toList();
    starting.forEach(CompletableFuture::join);
  }

  /** What is registered now, as the first host that answers shows it. */
  Set<String> registered() {
    return new HashSet<>(fig1.table().get("modules").findValuesAsText("module"));
  }
}
