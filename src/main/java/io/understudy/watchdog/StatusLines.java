package io.understudy.watchdog;

import java.util.Map;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpCharsets;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.SourceQueueWithComplete;
import org.apache.pekko.util.ByteString;

/** A copy's status as lines of JSON: one now, and one at each change, each sent at once. */
record StatusLines(SourceQueueWithComplete<ByteString> queue) implements CopyRun.StatusStream {
  private static final int UNREAD = 16;
  private static final ContentType TYPE =
      ContentTypes.create(
          MediaTypes.customWithFixedCharset(
              "application", "x-ndjson", HttpCharsets.UTF_8, Map.of(), false));

  static HttpResponse answer(ActorRef<CopyRun.Command> run) {
    // Of lines that the copy does not read, the oldest are dropped: only the last one matters.
    Source<ByteString, NotUsed> lines =
        Source.<ByteString>queue(UNREAD, OverflowStrategy.dropHead())
            .mapMaterializedValue(
                queue -> {
                  var stream = new StatusLines(queue);
                  run.tell(new CopyRun.Listen(stream));
                  queue
                      .watchCompletion()
                      .whenComplete((done, failure) -> run.tell(new CopyRun.Unlisten(stream)));
                  return NotUsed.getInstance();
                });
    return lines(lines);
  }

  /** An answer of lines, as they come. */
  static HttpResponse lines(Source<ByteString, ?> lines) {
    return HttpResponse.create().withEntity(HttpEntities.createChunked(TYPE, lines));
  }

  @Override
  public void send(Standing standing) {
    var line =
        "{\"status\":\"%s\",\"epoch\":%d}\n".formatted(standing.status(), standing.epoch().value());
    var unused = queue.offer(ByteString.fromString(line));
  }

  @Override
  public void end() {
    queue.complete();
  }
}
