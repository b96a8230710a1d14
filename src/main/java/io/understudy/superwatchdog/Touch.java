package io.understudy.superwatchdog;

/** How a node stands with the SuperWatchDogs of its cluster, by what it hears of them. */
public enum Touch {
  /** A majority of them hears it, and it them. */
  MAJORITY,
  /** A majority of them says that it is not in their cluster. */
  STRANGER,
  /** Neither. */
  NONE
}
