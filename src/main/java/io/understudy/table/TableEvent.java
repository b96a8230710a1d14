package io.understudy.table;

import io.understudy.model.Certainty;
import io.understudy.model.CopyId;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.model.FailureKind;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Became true. The journal stores these names: renaming one, or a field of one, is a migration.
 *
 * <p>Each carries its reason, so that the journal read in order is the answer to every "why".
 */
public sealed interface TableEvent {
  Instant at();

  /** Why, in words for an operator. */
  String reason();

  default Optional<ModuleId> module() {
    return Optional.empty();
  }

  default Optional<CopyId> copyId() {
    return Optional.empty();
  }

  default Optional<HostId> hostId() {
    return Optional.empty();
  }

  /** An event of a host. */
  sealed interface OfHost extends TableEvent {
    HostId host();

    @Override
    default Optional<HostId> hostId() {
      return Optional.of(host());
    }
  }

  /** An event of a host of which nothing runs there after it (I9). */
  sealed interface OfHostLife extends OfHost {}

  /** An event of a module as a whole. */
  sealed interface OfModule extends TableEvent {
    ModuleId name();

    @Override
    default Optional<ModuleId> module() {
      return Optional.of(name());
    }
  }

  /** An event of one copy. */
  sealed interface OfCopy extends TableEvent {
    CopyId copy();

    HostId host();

    @Override
    default Optional<ModuleId> module() {
      return Optional.of(copy().module());
    }

    @Override
    default Optional<CopyId> copyId() {
      return Optional.of(copy());
    }

    @Override
    default Optional<HostId> hostId() {
      return Optional.of(host());
    }
  }

  /** A host's WatchDog is registered; its copies are all idle (I9). */
  record HostJoined(HostRow row, String reason, Instant at) implements OfHostLife {
    @Override
    public HostId host() {
      return row.host();
    }
  }

  /**
   * A host is presumed dead and every copy on it with it.
   *
   * @param certainty in journals of before there was one, CERTAIN
   */
  record HostFailed(HostId host, String incarnation, Certainty certainty, String reason, Instant at)
      implements OfHostLife {
    public HostFailed {
      certainty = Objects.requireNonNullElse(certainty, Certainty.CERTAIN);
    }
  }

  /** A host gets no new copies from now on, and its copies go where others can take them. */
  record HostDrained(HostId host, String reason, Instant at) implements OfHost {}

  /** A host is not drained any more. */
  record HostResumed(HostId host, String reason, Instant at) implements OfHost {}

  /**
   * A module is protected, or is protected differently.
   *
   * @param ids of the copies, in the order of the specification's list
   */
  record ModuleRegistered(ModuleSpec spec, List<CopyId> ids, String reason, Instant at)
      implements OfModule {
    public ModuleRegistered {
      ids = List.copyOf(ids);
    }

    @Override
    public ModuleId name() {
      return spec.module();
    }
  }

  /** A module is to be stopped and forgotten. */
  record ModuleDeregistered(ModuleId name, String reason, Instant at) implements OfModule {}

  /** The last copy of a deregistered module is dead. Its epoch is remembered (I4). */
  record ModuleRemoved(ModuleId name, String reason, Instant at) implements OfModule {}

  /**
   * A copy is to run, as a new run.
   *
   * @param epoch the module's, raised when the status is PRIMARY
   * @param adopt the process to watch instead of starting one
   */
  record CopyOrdered(
      CopyId copy,
      HostId host,
      CopyStatus status,
      long run,
      Epoch epoch,
      Optional<Long> adopt,
      String reason,
      Instant at)
      implements OfCopy {}

  /** A running backup is the primary from now on. */
  record CopyPromoted(CopyId copy, HostId host, Epoch epoch, String reason, Instant at)
      implements OfCopy {}

  /** This copy is to be the primary as soon as the present one has ceased. */
  record SwitchoverOrdered(CopyId copy, HostId host, String reason, Instant at) implements OfCopy {}

  /**
   * A running primary is a backup from now on: its module's style changed, or its work is moved.
   */
  record CopyDemoted(CopyId copy, HostId host, Epoch epoch, String reason, Instant at)
      implements OfCopy {}

  /** A copy is ready, and acts on this status. */
  record CopyStarted(
      CopyId copy,
      HostId host,
      long run,
      long pid,
      CopyStatus status,
      Epoch epoch,
      String reason,
      Instant at)
      implements OfCopy {}

  /** A running copy acts on the status that it was given. */
  record StatusConfirmed(
      CopyId copy, HostId host, long run, CopyStatus status, Epoch epoch, String reason, Instant at)
      implements OfCopy {}

  /**
   * A copy is dead and should not be.
   *
   * @param failures on this host within the failure window (resolution b)
   * @param strikes failures in a row without a stable run in between, for the back-off
   */
  record CopyFailed(
      CopyId copy,
      HostId host,
      long run,
      FailureKind kind,
      int failures,
      int strikes,
      String reason,
      Instant at)
      implements OfCopy {}

  /** A failed copy keeps its status and starts again on its host, but not yet. */
  record RestartDelayed(CopyId copy, HostId host, Instant notBefore, String reason, Instant at)
      implements OfCopy {}

  /** A dead copy gives its work up and is idle (resolution e). */
  record CopyReleased(CopyId copy, HostId host, Instant coolUntil, String reason, Instant at)
      implements OfCopy {}

  /** A copy is to stop. */
  record CopyStopOrdered(CopyId copy, HostId host, String reason, Instant at) implements OfCopy {}

  /** A copy that was to stop is dead. */
  record CopyStopped(CopyId copy, HostId host, long run, String reason, Instant at)
      implements OfCopy {}

  /** A copy's failures are forgotten. */
  record FailuresReset(CopyId copy, HostId host, String reason, Instant at) implements OfCopy {}

  /**
   * Of the primaries of a hot module this one numbers the updates from now on. Of a cold or warm
   * module it is the primary, which needs no event.
   */
  record SequencerChosen(CopyId copy, HostId host, Epoch epoch, String reason, Instant at)
      implements OfCopy {}

  /** A run of a copy has every update of its module's state that was acknowledged. */
  record SyncJoined(CopyId copy, HostId host, long run, Epoch epoch, String reason, Instant at)
      implements OfCopy {}

  /** Updates are acknowledged without this copy from now on: it may miss some. */
  record SyncLeft(CopyId copy, HostId host, long run, Epoch epoch, String reason, Instant at)
      implements OfCopy {}
}
