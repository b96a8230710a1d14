package io.understudy.watchdog;

import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;

/**
 * How far a copy's state is: a primary with state acts as primary once it has all of it ([0014]).
 *
 * @param needed false of modules without state
 * @param complete the last epoch for which the state was complete
 * @param said whether the module said that it is ready, with or without state
 * @param doing what the state waits for
 */
record Recovery(boolean needed, Epoch complete, boolean said, String doing) {
  static Recovery of(boolean needed) {
    return new Recovery(needed, Epoch.NONE, false, "nothing was heard of it");
  }

  Recovery complete(Epoch epoch) {
    return new Recovery(needed, epoch, said, doing);
  }

  Recovery ready() {
    return new Recovery(needed, complete, true, doing);
  }

  Recovery doing(String what) {
    return new Recovery(needed, complete, said, what);
  }

  /** Whether the copy must wait before it acts on this. */
  boolean holds(Standing standing) {
    return needed
        && standing.status() == CopyStatus.PRIMARY
        && complete.compareTo(standing.epoch()) < 0;
  }
}
