package io.understudy.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.OptionalLong;

/**
 * What a WatchDog sees of one copy; it stands until the next one and is repeated until heard.
 *
 * @param status the status that the copy has taken and, if it listens, confirmed
 * @param epoch the epoch that went with the status
 * @param configuration of the last {@link StateGroup} that was handed to the copy; 0 for none
 */
public record CopyReport(
    CopyId copy, long run, CopyStatus status, Epoch epoch, Seen seen, long configuration) {
  /** Of a copy that was handed no group. */
  public CopyReport(CopyId copy, long run, CopyStatus status, Epoch epoch, Seen seen) {
    this(copy, run, status, epoch, seen, 0);
  }

  public CopyReport withConfiguration(long handed) {
    return new CopyReport(copy, run, status, epoch, seen, handed);
  }

  /** What became of the run. */
  public sealed interface Seen {
    /** Started, and not ready yet. */
    record Starting(OptionalLong pid) implements Seen {}

    /** Ready. A copy in the node's JVM has the JVM's pid. */
    record Running(long pid) implements Seen {}

    /**
     * Dead, and it should not be.
     *
     * @param reason the beginning of a long one, which may be an exception's or a program's
     */
    record Failed(FailureKind kind, String reason) implements Seen {
      private static final int LONGEST_REASON = 2000;

      public Failed {
        var isLong = reason.length() > LONGEST_REASON;
        var begins = isLong ? reason.substring(0, LONGEST_REASON) + "..." : reason;
        // Half of a surrogate pair could not be sent, and would hold up all that goes with it.
        reason = new String(begins.getBytes(UTF_8), UTF_8);
      }
    }

    /** Dead, as ordered. */
    record Stopped() implements Seen {}
  }
}
