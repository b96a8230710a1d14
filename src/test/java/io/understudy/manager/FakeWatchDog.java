package io.understudy.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.HostId;
import io.understudy.watchdog.WatchDogProtocol;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.pekko.actor.testkit.typed.FishingOutcome;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;

/** A WatchDog that says what it is told to say, and remembers what it was ordered. */
final class FakeWatchDog {
  final HostId host;
  final String incarnation;
  final TestProbe<WatchDogProtocol.Command> probe;

  private final Rig rig;
  private final Map<CopyId, CopyOrder> orders = new HashMap<>();
  private long sequence;

  FakeWatchDog(Rig rig, String host, String incarnation) {
    this.rig = rig;
    this.host = new HostId(host);
    this.incarnation = incarnation;
    this.probe = rig.kit.createTestProbe(WatchDogProtocol.Command.class);
  }

  String address() {
    return "127.0.0.%s:17355".formatted(host.value().substring(1));
  }

  WatchDogProtocol.HostUp hostUp(String address) {
    return new WatchDogProtocol.HostUp(host, incarnation, address, 4700, probe.ref());
  }

  /** Registers and waits until it is welcome, repeating itself as a WatchDog does. */
  FakeWatchDog joined() {
    probe.awaitAssert(
        Rig.PATIENCE,
        () -> {
          rig.tell(new ManagerProtocol.FromWatchDog(hostUp(address())));
          assertThat(next(Duration.ofSeconds(1)))
              .isEqualTo(new WatchDogProtocol.Welcome(incarnation));
          return true;
        });
    return this;
  }

  /** The next message; orders in it are remembered. */
  WatchDogProtocol.Command next(Duration patience) {
    var message = probe.receiveMessage(patience);
    if (message instanceof WatchDogProtocol.Orders said) {
      assertThat(said.incarnation()).isEqualTo(incarnation);
      said.orders().forEach(order -> orders.put(order.copy(), order));
    }
    return message;
  }

  /** Waits for an order of this copy. */
  CopyOrder order(String copy) {
    return order(copy, order -> true);
  }

  /** Waits for the order of this run. */
  CopyOrder order(String copy, long run) {
    return order(copy, order -> order.run() == run);
  }

  /** Waits for an order like this. */
  CopyOrder order(String copy, Predicate<CopyOrder> like) {
    var ofCopy = like.and(order -> order.copy().equals(CopyId.parse(copy)));
    return until(
        message ->
            message instanceof WatchDogProtocol.Orders said
                ? said.orders().stream().filter(ofCopy).findFirst()
                : Optional.empty());
  }

  /** Waits until this has been said. */
  <T extends WatchDogProtocol.Command> T heard(Class<T> type) {
    return until(
        message -> type.isInstance(message) ? Optional.of(type.cast(message)) : Optional.empty());
  }

  /** Fishes for the first message of this type. */
  static <T> Function<T, FishingOutcome> until(Class<?> type) {
    return message ->
        type.isInstance(message) ? FishingOutcomes.complete() : FishingOutcomes.continueAndIgnore();
  }

  /** Takes messages until one gives what is looked for. */
  private <T> T until(Function<WatchDogProtocol.Command, Optional<T>> find) {
    var patience = Rig.PATIENCE.toNanos() + System.nanoTime();
    while (System.nanoTime() < patience) {
      var found = find.apply(next(Rig.PATIENCE));
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new AssertionError("other messages came, and none that was looked for");
  }

  /** Says this of the copy's last ordered run, and returns the report's number. */
  long says(String copy, Seen seen) {
    var order = Optional.ofNullable(orders.get(CopyId.parse(copy))).orElseThrow();
    return says(
        new CopyReport(
            order.copy(), order.run(), order.status(), order.epoch(), seen, order.configuration()));
  }

  long says(CopyReport report) {
    sequence++;
    repeat(report);
    return sequence;
  }

  /** Says it under the last number again. */
  void repeat(CopyReport report) {
    rig.tell(
        new ManagerProtocol.FromWatchDog(
            new WatchDogProtocol.Observed(
                host, incarnation, sequence, List.of(report), probe.ref())));
  }

  /** Answers the order of a copy as running and waits until that is durable. */
  void runs(String copy, long pid) {
    var number = says(copy, new Seen.Running(pid));
    until(
        message ->
            Optional.of(message).filter(new WatchDogProtocol.Heard(incarnation, number)::equals));
  }

  /** Takes all that was said up to now. */
  void drain() {
    rig.table(); // the manager is through with what it was told
    clear();
  }

  /** Takes all that has arrived. */
  void clear() {
    var mark = new WatchDogProtocol.NameTaken("mark", "");
    probe.ref().tell(mark);
    until(message -> Optional.of(message).filter(mark::equals));
  }
}
