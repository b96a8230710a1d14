package io.understudy.model;

/** How well the death of a host is known. */
public enum Certainty {
  /** Its connection closed and was refused, or the cluster removed it: acted on at once. */
  CERTAIN,
  /** It is silent: acted on when it can no longer do harm. */
  SUSPECTED
}
