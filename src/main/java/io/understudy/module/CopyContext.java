package io.understudy.module;

import io.understudy.model.CopyId;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;

/** Who a copy is, and what it can tell its WatchDog. Safe to use from any thread. */
public interface CopyContext {
  CopyId copy();

  HostId host();

  /** The status with which the copy was started; later ones arrive as messages. */
  CopyStatus status();

  /** The epoch that goes with {@link #status()}. */
  Epoch epoch();

  /** "I am alive": for heartbeats sent all the time ([0019]). */
  void heartbeat();

  /**
   * "I am alive": for heartbeats sent with each request served ([0019]).
   *
   * @param requestsInHand the WatchDog's clock stands still while this is 0
   */
  void heartbeat(int requestsInHand);

  /** "I am ready": for modules registered with ready = api. */
  void ready();
}
