package io.understudy.management;

import io.understudy.management.EventsSource.Recorded;
import io.understudy.management.EventsView.EventView;
import io.understudy.model.ModuleId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.pattern.Patterns;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/** The journal as an answer: what it holds, or what it holds and whatever follows. */
record EventStream(ActorSystem<?> system) {
  private static final int NORMAL = 1_000;
  private static final int MOST = 100_000;
  private static final Duration LOOK_AGAIN = Duration.ofMillis(300);

  /** Sent into a silence, so that neither side takes the connection for dead. */
  private static final Duration ALIVE = Duration.ofSeconds(10);

  /**
   * Which events.
   *
   * @param follow go on for ever
   */
  record Wanted(long after, Optional<ModuleId> module, int limit, boolean follow) {
    static Wanted of(Call call) {
      return new Wanted(
          call.number("after", 0, Long.MAX_VALUE - 1),
          call.parameter("module").map(Call::module),
          (int) call.number("limit", NORMAL, MOST),
          call.flag("follow") || call.wantsEventStream());
    }
  }

  CompletionStage<Answer> answer(Call call, Wanted wanted, EventsSource source) {
    if (!wanted.follow()) {
      return source
          .events(wanted.after(), wanted.module(), wanted.limit())
          .thenApply(EventsView::of)
          .thenApply(view -> call.wantsText() ? Answer.text(view.text()) : Answer.json(200, view));
    }
    return CompletableFuture.completedFuture(
        call.wantsText()
            ? Answer.stream(200, Answer.TEXT, lines(wanted, source, EventView::text, "\n"))
            : Answer.stream(200, Answer.EVENTS, lines(wanted, source, EventStream::sent, ":\n\n")));
  }

  private static String sent(EventView view) {
    return "id: %d%nevent: %s%ndata: %s%n%n"
        .formatted(view.sequence(), view.event(), Answer.bytes(view).utf8String());
  }

  private Source<ByteString, NotUsed> lines(
      Wanted wanted, EventsSource source, Function<EventView, String> line, String silence) {
    return Source.unfoldAsync(wanted.after(), after -> next(after, source))
        .mapConcat(events -> events)
        .filter(event -> isOf(wanted.module(), event))
        .map(event -> ByteString.fromString(line.apply(EventView.of(event))))
        .keepAlive(ALIVE, () -> ByteString.fromString(silence));
  }

  private static boolean isOf(Optional<ModuleId> module, Recorded event) {
    return module.isEmpty() || module.equals(event.event().module());
  }

  private CompletionStage<Optional<Pair<Long, List<Recorded>>>> next(
      long after, EventsSource source) {
    return source
        .events(after, Optional.empty(), NORMAL)
        .thenCompose(
            events ->
                events.isEmpty()
                    ? Patterns.after(
                        LOOK_AGAIN,
                        Adapter.toClassic(system),
                        () -> CompletableFuture.completedFuture(found(after, events)))
                    : CompletableFuture.completedFuture(
                        found(events.getLast().sequence(), events)));
  }

  private static Optional<Pair<Long, List<Recorded>>> found(long last, List<Recorded> events) {
    return Optional.of(Pair.create(last, events));
  }
}
