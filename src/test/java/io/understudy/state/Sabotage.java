package io.understudy.state;

/** A rule that is broken on purpose, to see that its breaking is noticed. */
enum Sabotage {
  NONE,
  /** Copies take messages of lower epochs for those of their own (I4). */
  EPOCHS_UNCHECKED,
  /** The sequencer goes on without a member before its removal is recorded. */
  REMOVAL_NOT_JOURNALED,
  /** A follower acknowledges what it then loses. */
  ACKNOWLEDGED_BEFORE_APPENDED,
  /** The sequencer does not know of one member that is recorded as in sync. */
  COMMITTED_WITHOUT_ONE,
  /** A new run is recorded as in sync before it has anything. */
  IN_SYNC_AT_START,
  /** A sequencer that is not in sync takes its own log for all there is. */
  NOTHING_RECOVERED,
  /** Repeated requests are taken for new ones. */
  NAMES_IGNORED,
  /** What is repeated and makes no update is decided anew, and each answer counts. */
  DECLINED_AND_DONE,
  /** Clients are answered when the module has decided. */
  ANSWERED_BEFORE_COMMITTED,
  /** Reads are answered by whoever believes to be the sequencer. */
  READS_AT_ONCE,
  /** The Checkpoint Server takes what writers of lower epochs send. */
  CHECKPOINTS_UNFENCED,
  /** A copy goes on answering when its host's lease is over. */
  LEASES_IGNORED,
  /** A copy that is to be stopped is stopped at once, with what it has not stored. */
  LEFT_BEFORE_STORED
}
