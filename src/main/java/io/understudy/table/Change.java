package io.understudy.table;

import io.understudy.model.Certainty;
import io.understudy.model.CopyId;
import io.understudy.model.CopyReport;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.RunningCopy;
import java.util.Optional;

/** Asked for or observed; not yet true. */
public sealed interface Change {
  /**
   * Protect this module, or protect it differently from now on.
   *
   * @param running a copy that runs already and is to be adopted
   */
  record Register(ModuleSpec spec, Optional<RunningCopy> running) implements Change {}

  /** Stop the module's copies and forget it. */
  record Deregister(ModuleId module) implements Change {}

  /** A host's WatchDog registered. */
  record HostUp(HostRow row) implements Change {}

  /** A host and its WatchDog are presumed dead (patent [0022]). */
  record HostFailed(HostId host, String incarnation, Certainty certainty, String reason)
      implements Change {}

  /** What a WatchDog saw of a copy on its host. */
  record Reported(HostId host, String incarnation, CopyReport report) implements Change {}

  /**
   * What the sequencer of a module says of a copy that keeps the module's state with it.
   *
   * @param host of the sequencer
   * @param run of the sequencer
   * @param epoch that the sequencer has been given
   * @param configuration of the group on which this was found
   * @param memberRun the run of the member that it speaks of
   * @param inSync the member has, or no longer has, every update that was acknowledged
   */
  record SyncReported(
      HostId host,
      String incarnation,
      CopyId sequencer,
      long run,
      Epoch epoch,
      long configuration,
      CopyId member,
      long memberRun,
      boolean inSync,
      String reason)
      implements Change {}

  /** An operator resets the failure count of a copy (resolution b). */
  record ResetFailures(CopyId copy) implements Change {}

  /**
   * An operator wants another copy of a module to be its primary; nothing has failed.
   *
   * @param to which one; empty for the best
   * @param from the primary that is meant; nothing is done when it is not the primary any more
   */
  record Switchover(ModuleId module, Optional<CopyId> to, Optional<CopyId> from)
      implements Change {}

  /** An operator wants a host to be empty, as far as others can take its copies. */
  record Drain(HostId host) implements Change {}

  /** An operator wants a host to take copies again. */
  record Resume(HostId host) implements Change {}

  /** Time has passed, and something in this module was waiting for it. */
  record TimePassed(ModuleId module) implements Change {}
}
