package io.understudy.watchdog;

import io.understudy.state.Update;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * A copy's updates as lines of JSON. What the copy has not read yet waits here, up to a limit, and
 * holds nobody up.
 */
final class UpdateLines implements StateCopyProtocol.Feed {
  /**
   * More than the log of a copy holds, which has all of it too: a copy that begins anew would be
   * given as much again, and never come to its end.
   */
  private static final long MOST_UNREAD_BYTES = 512L << 20;

  private static final int CHUNK_BYTES = 256 * 1024;

  /** Completed with the reason if there is nothing to read, or with nothing if it begins. */
  private final CompletableFuture<Optional<String>> begun = new CompletableFuture<>();

  private final ArrayDeque<Line> unread = new ArrayDeque<>();
  private CompletableFuture<List<Line>> asked = CompletableFuture.completedFuture(List.of());
  private long unreadBytes;
  private boolean ended;

  private sealed interface Line {
    record Of(Update update) implements Line {}

    record Wanted(long sequence) implements Line {}

    record End(String reason) implements Line {}
  }

  /** Whether it begins, or the reason why not. */
  CompletionStage<Optional<String>> begun() {
    return begun;
  }

  @Override
  public void updates(List<Update> updates) {
    begun.complete(Optional.empty());
    if (!updates.isEmpty()) {
      add(updates.stream().<Line>map(Line.Of::new).toList());
    }
  }

  @Override
  public void wanted(long sequence) {
    add(List.of(new Line.Wanted(sequence)));
  }

  @Override
  public void end(String reason) {
    if (!begun.complete(Optional.of(reason))) {
      add(List.of(new Line.End(reason)));
    }
  }

  private synchronized void add(List<Line> lines) {
    if (ended) {
      return;
    }
    for (var line : lines) {
      unread.add(line);
      unreadBytes += size(line);
      ended |= line instanceof Line.End;
    }
    if (unreadBytes > MOST_UNREAD_BYTES && !ended) {
      unread.clear();
      unread.add(
          new Line.End(
              "more than %d bytes of updates have not been read: subscribe again"
                  .formatted(MOST_UNREAD_BYTES)));
      ended = true;
    }
    if (!asked.isDone()) {
      asked.complete(take());
    }
  }

  private static int size(Line line) {
    return line instanceof Line.Of(var update) ? update.size() : 0;
  }

  private synchronized CompletionStage<List<Line>> next() {
    asked =
        unread.isEmpty() && !ended
            ? new CompletableFuture<>()
            : CompletableFuture.completedFuture(take());
    return asked;
  }

  /** Nothing when all has been read, to the end. */
  private List<Line> take() {
    var lines = new ArrayList<Line>();
    var bytes = 0;
    while (!unread.isEmpty() && bytes < CHUNK_BYTES) {
      var line = unread.remove();
      bytes += size(line);
      lines.add(line);
    }
    unreadBytes -= bytes;
    return lines;
  }

  /**
   * What has not been read yet, and what comes.
   *
   * @param end runs when the reader is gone, or has read to the end
   */
  Source<ByteString, NotUsed> source(Runnable end) {
    return Source.unfoldAsync(
            this,
            lines ->
                lines
                    .next()
                    .thenApply(
                        next ->
                            next.isEmpty()
                                ? Optional.<Pair<UpdateLines, List<Line>>>empty()
                                : Optional.of(Pair.create(lines, next))))
        .map(UpdateLines::text)
        .watchTermination(
            (used, done) -> {
              done.whenComplete((read, failure) -> end.run());
              return used;
            });
  }

  private static ByteString text(List<Line> lines) {
    var text = new StringBuilder();
    for (var line : lines) {
      switch (line) {
        case Line.Of(var update) ->
            text.append("{\"sequence\":")
                .append(update.sequence())
                .append(",\"epoch\":")
                .append(update.at().epoch().value())
                .append(",\"update\":\"")
                .append(Base64.getEncoder().encodeToString(update.payload().toArray()))
                .append("\"}\n");
        case Line.Wanted(var sequence) ->
            text.append("{\"checkpoint\":\"wanted\",\"sequence\":").append(sequence).append("}\n");
        case Line.End(var reason) -> text.append(ApiBody.line("end", reason));
      }
    }
    return ByteString.fromString(text.toString());
  }
}
