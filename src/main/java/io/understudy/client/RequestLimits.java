package io.understudy.client;

import io.understudy.model.TimeRange;
import java.time.Duration;

/**
 * How much a reference to a module holds back while the module cannot answer.
 *
 * @param held requests that have no answer yet, at most; one more is refused at once
 * @param inFlight of these, how many are sent at the same time; the others wait for their turn
 * @param patience how long a request may take; then its outcome is unknown, or if it was never
 *     sent, it is not done
 * @param resend after so long without an answer a request is sent again; it takes effect once
 */
public record RequestLimits(int held, int inFlight, Duration patience, Duration resend) {
  /** 10,000 requests, of which 128 are in flight, for 30 s; sent again after 500 ms. */
  public static final RequestLimits DEFAULT =
      new RequestLimits(10_000, 128, Duration.ofSeconds(30), Duration.ofMillis(500));

  public RequestLimits {
    if (held < 1 || inFlight < 1 || !isPossible(patience) || !isPossible(resend)) {
      throw new IllegalArgumentException(
          "limits of a module's requests: held %d, in flight %d, patience %s, resend after %s; give"
                  .formatted(held, inFlight, patience, resend)
              + " 1 or more of each, and times of at most 200 days");
    }
  }

  private static boolean isPossible(Duration time) {
    return time.isPositive() && TimeRange.ANY.has(time); // timers reach no further
  }

  public RequestLimits withPatience(Duration longest) {
    return new RequestLimits(held, inFlight, longest, resend);
  }

  public RequestLimits withHeld(int most) {
    return new RequestLimits(most, inFlight, patience, resend);
  }
}
