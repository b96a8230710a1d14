package io.understudy.manager;

import io.understudy.superwatchdog.SuperWatchDogProtocol.HungUp;
import io.understudy.table.ReplicationTable;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * Reads the table into {@link Foresight} as soon as the node hangs up after which this one is to
 * manage.
 */
final class Standby extends AbstractBehavior<Standby.Message> {
  private final Predicate<String> isNextAfter;
  private final Supplier<CompletableFuture<Optional<ReplicationTable>>> begin;
  private int readings;

  /** What it hears. */
  sealed interface Message {}

  private record Heard(HungUp event) implements Message {}

  private record Read(CompletableFuture<Optional<ReplicationTable>> result) implements Message {}

  /**
   * One for each candidate.
   *
   * @param isNextAfter whether the node of this name manages, and this one is the next to
   * @param begin a reading, see {@link Foresight#begin}
   */
  static Behavior<Message> create(
      Predicate<String> isNextAfter,
      Supplier<CompletableFuture<Optional<ReplicationTable>>> begin) {
    return Behaviors.setup(context -> new Standby(context, isNextAfter, begin));
  }

  private Standby(
      ActorContext<Message> context,
      Predicate<String> isNextAfter,
      Supplier<CompletableFuture<Optional<ReplicationTable>>> begin) {
    super(context);
    this.isNextAfter = isNextAfter;
    this.begin = begin;
    context
        .getSystem()
        .eventStream()
        .tell(
            new EventStream.Subscribe<>(
                HungUp.class, context.messageAdapter(HungUp.class, Heard::new)));
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessage(Heard.class, heard -> heard(heard.event().node()))
        .onMessage(Read.class, read -> read(read.result()))
        .build();
  }

  private Behavior<Message> heard(String node) {
    var isReading = !getContext().getChildren().isEmpty();
    if (!isReading && isNextAfter.test(node)) {
      readings++;
      var result = begin.get();
      var reading =
          getContext()
              .spawn(
                  Reading.create(
                      Journal.PERSISTENCE_ID, table -> result.complete(Optional.of(table))),
                  "reading-" + readings);
      getContext().watchWith(reading, new Read(result));
    }
    return this;
  }

  /** It may have failed with its journal. */
  private Behavior<Message> read(CompletableFuture<Optional<ReplicationTable>> result) {
    result.complete(Optional.empty());
    return this;
  }
}
