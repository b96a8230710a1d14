package io.understudy.wire;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.util.ByteString;

/**
 * The body of an HTTP request, up to a limit and within a time.
 *
 * @param most bytes that it may have
 * @param within this time all of it has to come
 */
public record RequestBody(long most, Duration within) {
  /** So much of a body that is too large is read, so that its sender hears what is wrong. */
  private static final long DRAINED = 64L << 20;

  /** Why a body cannot be read, with the remedy, and the HTTP status that says so. */
  public static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int status;

    private Unreadable(int status, String reason) {
      super(reason, null, false, false);
      this.status = status;
    }

    public int status() {
      return status;
    }

    public String reason() {
      return String.valueOf(getMessage());
    }
  }

  /** All of the body; fails with {@link Unreadable}. */
  public CompletionStage<ByteString> read(HttpRequest request, ActorSystem<?> system) {
    var encoding = request.getHeader("Content-Encoding").map(HttpHeader::value).orElse("identity");
    if (!encoding.equalsIgnoreCase("identity")) {
      return CompletableFuture.failedFuture(
          new Unreadable(
              415,
              "a body with Content-Encoding: %s is not read: send it as it is"
                  .formatted(encoding)));
    }
    var came = new AtomicLong();
    return request
        .entity()
        .withSizeLimit(DRAINED)
        .getDataBytes()
        .completionTimeout(within)
        .runFold(
            ByteString.emptyByteString(),
            (all, next) ->
                came.addAndGet(next.size()) <= most
                    ? all.concat(next)
                    : ByteString.emptyByteString(),
            system)
        .handle(
            (all, failure) -> {
              var announced = request.entity().getContentLengthOption().orElse(0);
              if (failure != null || came.get() > most) {
                throw unreadable(Math.max(announced, came.get()), came.get(), failure);
              }
              return all;
            });
  }

  private Unreadable unreadable(long size, long came, Throwable failure) {
    var cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (size > most) {
      return new Unreadable(
          413, "the body has %d bytes or more: send at most %d bytes".formatted(size, most));
    }
    return cause instanceof TimeoutException
        ? new Unreadable(
            408,
            "the body did not end within %d ms, %d bytes of it came: send all of it at once"
                .formatted(within.toMillis(), came))
        : new Unreadable(
            400,
            "the body broke off after %d bytes: %s; send it whole, and chunks as HTTP has them"
                .formatted(came, UnreadableRequest.line(String.valueOf(cause.getMessage()))));
  }
}
