package io.understudy.model;

/** How surely a host is known to be dead. */
public enum Certainty {
  /** Proved: its node's connections closed and its kernel refuses new ones, or it said goodbye. */
  CERTAIN,
  /** Only silent; its lease has run out, so that it has stopped its primaries if it lives (I5). */
  SUSPECTED
}
