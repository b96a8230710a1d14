package io.understudy.superwatchdog;

import io.understudy.model.Certainty;

/**
 * What one SuperWatchDog holds against a host or a node. While it does, it renews no lease there.
 *
 * <p>A {@link Certainty#CERTAIN} vote is against a node and all that ran on it; a {@link
 * Certainty#SUSPECTED} one is against a single subject, whose last lease from this SuperWatchDog
 * has run out.
 *
 * @param reason in words for an operator
 */
public record Vote(Certainty certainty, String reason) {
  static Vote certain(String reason) {
    return new Vote(Certainty.CERTAIN, reason);
  }

  static Vote suspected(String reason) {
    return new Vote(Certainty.SUSPECTED, reason);
  }

  boolean isCertain() {
    return certainty == Certainty.CERTAIN;
  }
}
