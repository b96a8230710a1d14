package io.understudy.table;

import static java.util.Comparator.comparing;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Where a module's copies can run: which idle copy is executed next, and from when on. */
record Placement(ModuleRow row, Hosts hosts) {
  /**
   * The idle copy to execute next: not in back-off, on a damped host last, cool before warm, then
   * those that failed least often in a row, so that each gets its turn and none that works is
   * passed over; then list order. On a drained host only when no copy is left and no other host can
   * run one now.
   */
  Optional<CopyRow> candidate() {
    var ready = idle().filter(copy -> isOver(notBefore(copy))).toList();
    return best(ready.stream().filter(copy -> !isDrained(copy)))
        .or(() -> isLastResort() ? best(ready.stream()) : Optional.empty());
  }

  /**
   * Where a copy of a drained host may go, which goes on until then where it is: not where it would
   * have to be recovered again soon.
   */
  Optional<CopyRow> refuge() {
    return spare().filter(copy -> !isDamped(copy));
  }

  /** The best idle copy that can be executed in place of one that runs. */
  Optional<CopyRow> spare() {
    return best(idle().filter(copy -> !isDrained(copy) && isTrusted(copy)));
  }

  private Optional<CopyRow> best(Stream<CopyRow> copies) {
    Function<CopyRow, Instant> cooling =
        copy -> copy.coolUntil().isAfter(now()) ? copy.coolUntil() : Instant.MIN;
    return copies.min(
        comparing(this::isDamped)
            .thenComparing(cooling)
            .thenComparingInt(copy -> Math.max(1, copy.strikes())));
  }

  /** An idle copy may be executed, in back-off or not; a drained host is the last resort. */
  boolean canRun(CopyRow copy) {
    return isIdle(copy) && (!isDrained(copy) || isLastResort());
  }

  /** Nothing of the module lives, so that a drained host is better than none. */
  private boolean isLastResort() {
    return row.active().noneMatch(CopyRow::mayLive);
  }

  Stream<CopyRow> idle() {
    return row.copies().stream().filter(this::isIdle);
  }

  private boolean isIdle(CopyRow copy) {
    return copy.wanted() && copy.phase() instanceof Phase.Idle && hosts.isUp(copy.host());
  }

  boolean isDrained(CopyRow copy) {
    return hosts.isDrained(copy.host());
  }

  boolean isDamped(CopyRow copy) {
    return hosts.isDamped(copy.host());
  }

  /**
   * It did not fail time and again when it was run last: what runs is not moved to one that did.
   */
  boolean isTrusted(CopyRow copy) {
    var stable = row.spec().restart().stableAfter();
    return copy.strikes() < 2
        || (copy.phase() instanceof Phase.Running r && !now().isBefore(r.since().plus(stable)));
  }

  /** When one that runs and is not trusted will be, if it does not fail again. */
  Optional<Instant> trustedAt(CopyRow copy) {
    return copy.phase() instanceof Phase.Running r && !isTrusted(copy)
        ? Optional.of(r.since().plus(row.spec().restart().stableAfter()))
        : Optional.empty();
  }

  /** Without a delay it is at any time, also by a clock that went back since the failure. */
  Instant notBefore(CopyRow copy) {
    var delay = Backoff.delay(row.spec().restart(), copy);
    return copy.lastFailure()
        .filter(failure -> !delay.isZero())
        .map(failure -> failure.at().plus(delay))
        .orElse(Instant.MIN);
  }

  /**
   * Whether a back-off until then is over. One that ends later than any may was begun by a clock
   * that went back since, or by that of another host: how much of it is left, nobody knows.
   */
  boolean isOver(Instant until) {
    return !until.isAfter(now()) || until.isAfter(now().plus(row.spec().restart().backoffMax()));
  }

  private Instant now() {
    return hosts.now();
  }
}
