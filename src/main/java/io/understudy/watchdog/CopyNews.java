package io.understudy.watchdog;

import io.understudy.model.Epoch;
import io.understudy.model.FailureKind;
import io.understudy.model.Launch;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** What happened to one run of a copy. */
sealed interface CopyNews {
  record Spawned(long pid) implements CopyNews {}

  record Gone(FailureKind kind, String reason) implements CopyNews {}

  record Beat(OptionalInt requestsInHand) implements CopyNews {}

  record SaidReady() implements CopyNews {}

  record Listens() implements CopyNews {}

  record Confirmed(Epoch epoch) implements CopyNews {}

  /** The state is complete: it may act as primary of this epoch. */
  record StateComplete(Epoch epoch) implements CopyNews {}

  /** The state is being completed, and that gets on. */
  record StateProgress(String doing) implements CopyNews {}

  /** The state is lost to this run. */
  record StateFailed(String reason) implements CopyNews {}

  /** A poll has got as far as the copy, which is to answer it in time. */
  record PollBegun() implements CopyNews {}

  /** A poll was answered; a problem is the answer of a copy that is not sane. */
  record Polled(Optional<String> problem) implements CopyNews {}

  record Take(Standing standing) implements CopyNews {}

  /** It is a backup from now on, and what keeps its state answers nobody as a primary any more. */
  record Demoted(Standing standing) implements CopyNews {}

  /** It is registered to be watched, and ended, in another way. */
  record Watch(Launch how) implements CopyNews {}

  record Stop() implements CopyNews {}

  /** It was to be stopped, and what keeps its state has nothing left to hand on. */
  record Left() implements CopyNews {}

  /** Dead at once, without asking. */
  record Kill() implements CopyNews {}

  /** Dead at once, because it may not run here any more. */
  record Fence(String reason) implements CopyNews {}

  /**
   * A deadline may have passed.
   *
   * @param late by how much this comes after it was due
   */
  record Tick(Duration late) implements CopyNews {}
}
