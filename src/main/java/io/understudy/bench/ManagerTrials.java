package io.understudy.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** {@code kill -9} of the manager's node; another manages. */
record ManagerTrials(Trials all) {
  /** Between questions; the next one does not wait for the answer to the last. */
  private static final Duration PAUSE = Duration.ofMillis(10);

  /** The host that was killed before has just started, and its neighbours share its processors. */
  static final Duration REST = Duration.ofSeconds(3);

  List<Measurement> run() throws IOException {
    var answered = new ArrayList<Long>();
    for (int i = -Trials.NODE_WARM_UPS; i < all.nodeTrials(); i++) {
      var nanos = trial();
      if (i >= 0) {
        answered.add(nanos);
      }
    }
    return List.of(
        Measurement.millis(
            "manager",
            "kill -9 of the manager's node to the first answer of the new one",
            answered,
            new Bar(300, 1000)));
  }

  private long trial() throws IOException {
    all.cluster().awaitRing();
    LockSupport.parkNanos(REST.toNanos());
    var table = all.cluster().table().orElseThrow(() -> new BenchException("there is no table"));
    var node = all.cluster().node(table.path("manager").asText());
    var moment = Moment.now();
    node.kill();
    var answered = firstAnswer(node);
    node.startAgain();
    all.cluster().awaitUp(node);
    return answered - moment.nanos();
  }

  private long firstAnswer(BenchNode killed) {
    var others = all.cluster().managersBut(killed.host()).toList();
    var first = new AtomicLong();
    return Until.seen(
        "another manager",
        Trials.PATIENCE,
        PAUSE,
        () -> {
          others.forEach(node -> ask(node, killed, first));
          return Optional.of(first.get()).filter(nanos -> nanos != 0);
        });
  }

  /** An answer of the one that was killed may still be on its way. */
  private void ask(BenchNode node, BenchNode killed, AtomicLong first) {
    var old = "\"manager\":\"%s\"".formatted(killed.host());
    var unused =
        all.cluster()
            .client()
            .ask(node.management(), "/understudy/table")
            .thenAccept(
                table ->
                    table
                        .filter(text -> !text.contains(old))
                        .ifPresent(text -> first.compareAndSet(0, System.nanoTime())));
  }
}
