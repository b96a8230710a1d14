package io.understudy.table;

import io.understudy.model.Copy;
import io.understudy.model.CopyId;
import io.understudy.model.CopyStatus;
import io.understudy.model.FailureKind;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import java.time.Instant;
import java.util.Optional;

/**
 * A row of FIG. 2.
 *
 * @param listed where the registration says the copy is found
 * @param launched where the present run was started from; differs from listed after a change
 * @param wanted false when its host is no longer listed or its module is deregistered
 * @param adopted the process that the present run adopted
 * @param run number of the present or last run; no run of a copy has the number of another
 * @param acting it was told to be primary, in this run or in a living one that this one replaces,
 *     and is not known to have ceased (I5)
 * @param confirmed the status it is known to act on; IDLE when none is known
 * @param failures on this host within the failure window
 * @param strikes failures in a row without a stable run in between
 * @param coolUntil until then it is the last choice among the idle copies
 * @param inSync its present run has every update of the module's state that was acknowledged; only
 *     what the sequencer said, and the journal holds, makes it so
 */
public record CopyRow(
    CopyId id,
    Copy listed,
    Copy launched,
    boolean wanted,
    CopyStatus status,
    Phase phase,
    Optional<Long> adopted,
    long run,
    boolean acting,
    CopyStatus confirmed,
    int failures,
    int strikes,
    Optional<Failure> lastFailure,
    Instant coolUntil,
    boolean inSync) {
  static CopyRow idle(CopyId id, Copy listed, long lastRun) {
    return new CopyRow(
        id,
        listed,
        listed,
        true,
        CopyStatus.IDLE,
        new Phase.Idle(),
        Optional.empty(),
        lastRun,
        false,
        CopyStatus.IDLE,
        0,
        0,
        Optional.empty(),
        Instant.EPOCH,
        false);
  }

  public HostId host() {
    return listed.host();
  }

  public boolean isPrimary() {
    return status == CopyStatus.PRIMARY;
  }

  /** Primary or backup, whether it runs yet or not. */
  public boolean isActive() {
    return status != CopyStatus.IDLE;
  }

  public boolean isRunning() {
    return phase instanceof Phase.Running;
  }

  /** It has a run that is not known to be dead. */
  public boolean mayLive() {
    return switch (phase) {
      case Phase.Starting s -> true;
      case Phase.Running r -> true;
      case Phase.Stopping s -> true;
      case Phase.Idle i -> false;
      case Phase.Failed f -> false;
      case Phase.Waiting w -> false;
    };
  }

  /**
   * Whether it may be a process, and so outlive a killed node by moments (I5). One that starts may
   * have a process to end first, which it is to replace; so may one that is stopped before it ran.
   */
  boolean mayLeaveProcess() {
    return switch (phase) {
      case Phase.Starting s -> true;
      case Phase.Stopping s -> true;
      case Phase.Running r -> launched.location() instanceof Location.Executable;
      case Phase.Idle i -> false;
      case Phase.Failed f -> false;
      case Phase.Waiting w -> false;
    };
  }

  /** When it starts again on its host, if it is dead and in back-off. */
  public Optional<Instant> waitsUntil() {
    return phase instanceof Phase.Waiting w ? Optional.of(w.notBefore()) : Optional.empty();
  }

  /** How it failed, while that is not resolved. */
  Optional<FailureKind> failedAs() {
    return phase instanceof Phase.Failed f ? Optional.of(f.kind()) : Optional.empty();
  }

  CopyRow relisted(Copy where) {
    return new CopyRow(
        id,
        where,
        launched,
        true,
        status,
        phase,
        adopted,
        run,
        acting,
        confirmed,
        failures,
        strikes,
        lastFailure,
        coolUntil,
        inSync);
  }

  CopyRow unwanted() {
    return new CopyRow(
        id,
        listed,
        launched,
        false,
        status,
        phase,
        adopted,
        run,
        acting,
        confirmed,
        failures,
        strikes,
        lastFailure,
        coolUntil,
        inSync);
  }

  CopyRow ordered(CopyStatus as, long newRun, Optional<Long> adopt) {
    return new CopyRow(
        id,
        listed,
        listed,
        wanted,
        as,
        new Phase.Starting(),
        adopt,
        newRun,
        as == CopyStatus.PRIMARY || (acting && mayLive()),
        CopyStatus.IDLE,
        failures,
        strikes,
        lastFailure,
        coolUntil,
        false);
  }

  CopyRow withStatus(CopyStatus as) {
    return new CopyRow(
        id,
        listed,
        launched,
        wanted,
        as,
        phase,
        adopted,
        run,
        acting || (as == CopyStatus.PRIMARY && mayLive()),
        confirmed,
        failures,
        strikes,
        lastFailure,
        coolUntil,
        inSync);
  }

  /** It acts on this status; a confirmed backup has ceased to act as primary. */
  CopyRow confirming(CopyStatus as) {
    return new CopyRow(
        id,
        listed,
        launched,
        wanted,
        status,
        phase,
        adopted,
        run,
        acting && as == CopyStatus.PRIMARY,
        as,
        failures,
        strikes,
        lastFailure,
        coolUntil,
        inSync);
  }

  CopyRow running(long pid, Instant since) {
    return new CopyRow(
        id,
        listed,
        launched,
        wanted,
        status,
        new Phase.Running(pid, since),
        adopted,
        run,
        acting,
        confirmed,
        failures,
        strikes,
        lastFailure,
        coolUntil,
        inSync);
  }

  CopyRow failed(TableEvent.CopyFailed event) {
    return new CopyRow(
        id,
        listed,
        launched,
        wanted,
        status,
        new Phase.Failed(event.kind()),
        Optional.empty(),
        run,
        false,
        CopyStatus.IDLE,
        event.failures(),
        event.strikes(),
        Optional.of(new Failure(event.reason(), event.at())),
        coolUntil,
        false);
  }

  CopyRow waiting(Instant notBefore) {
    return new CopyRow(
        id,
        listed,
        launched,
        wanted,
        status,
        new Phase.Waiting(notBefore),
        adopted,
        run,
        acting,
        confirmed,
        failures,
        strikes,
        lastFailure,
        coolUntil,
        inSync);
  }

  CopyRow stopping() {
    return new CopyRow(
        id,
        listed,
        launched,
        wanted,
        CopyStatus.IDLE,
        new Phase.Stopping(),
        adopted,
        run,
        acting,
        confirmed,
        failures,
        strikes,
        lastFailure,
        coolUntil,
        inSync);
  }

  /** Dead and idle; its failures stay with the host it left (resolution b). */
  CopyRow released(Instant cool, Optional<Failure> failure) {
    return new CopyRow(
        id,
        listed,
        listed,
        wanted,
        CopyStatus.IDLE,
        new Phase.Idle(),
        Optional.empty(),
        run,
        false,
        CopyStatus.IDLE,
        0,
        strikes,
        failure,
        cool,
        false);
  }

  /** Nothing is held against it: if it waited for its restart, the wait is over. */
  CopyRow withoutFailures() {
    return new CopyRow(
        id,
        listed,
        launched,
        wanted,
        status,
        phase instanceof Phase.Waiting ? new Phase.Waiting(Instant.EPOCH) : phase,
        adopted,
        run,
        acting,
        confirmed,
        0,
        0,
        Optional.empty(),
        Instant.EPOCH,
        inSync);
  }

  CopyRow synced(boolean now) {
    return new CopyRow(
        id,
        listed,
        launched,
        wanted,
        status,
        phase,
        adopted,
        run,
        acting,
        confirmed,
        failures,
        strikes,
        lastFailure,
        coolUntil,
        now);
  }
}
