package io.understudy.watchdog;

import io.understudy.model.CopyOrder;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;

/** A status together with the epoch it belongs to; neither means anything alone (I4). */
record Standing(CopyStatus status, Epoch epoch) {
  static Standing of(CopyOrder order) {
    return new Standing(order.status(), order.epoch());
  }
}
