package io.understudy.state;

import io.understudy.model.Epoch;
import io.understudy.model.StateGroup;
import java.util.Optional;

/**
 * What a copy has of the module's state, whatever its role.
 *
 * @param epoch the highest that was heard of
 * @param group as last ordered; it may be of a lower epoch
 * @param commit the last sequence that is known to be committed
 * @param applied the last sequence that the module has been given or has decided
 * @param clients up to the last one that was applied
 * @param generation counts how often the module was made to forget its state
 */
record Share(
    Epoch epoch,
    Optional<StateGroup> group,
    StateLog log,
    long commit,
    long applied,
    ClientTable clients,
    Snapshots snapshots,
    long generation) {
  static final Share NOTHING =
      new Share(
          Epoch.NONE,
          Optional.empty(),
          StateLog.startingAt(Position.NONE),
          0,
          0,
          ClientTable.EMPTY,
          Snapshots.NONE,
          0);
}
