package io.understudy.state;

/** What a copy is in its group; it takes what happens, and leaves in the turn what follows. */
sealed interface Role permits Follower, Recovery, Sequencer {
  void take(Turn turn, Input input);

  /** The group has changed in the same epoch. */
  void regroup(Turn turn);

  /** It ends: another copy is the sequencer now, or a new epoch has come. */
  void leave(Turn turn);

  /** Whether something acknowledged may be lost with this copy if it is stopped now. */
  boolean owes(Turn turn);
}
