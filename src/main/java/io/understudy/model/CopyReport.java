package io.understudy.model;

import java.util.OptionalLong;

/**
 * What a WatchDog sees of one copy; it stands until the next one and is repeated until heard.
 *
 * @param status the status that the copy has taken and, if it listens, confirmed
 * @param epoch the epoch that went with the status
 */
public record CopyReport(CopyId copy, long run, CopyStatus status, Epoch epoch, Seen seen) {
  /** What became of the run. */
  public sealed interface Seen {
    /** Started, and not ready yet. */
    record Starting(OptionalLong pid) implements Seen {}

    /** Ready. A copy in the node's JVM has the JVM's pid. */
    record Running(long pid) implements Seen {}

    /** Dead, and it should not be. */
    record Failed(FailureKind kind, String reason) implements Seen {}

    /** Dead, as ordered. */
    record Stopped() implements Seen {}
  }
}
