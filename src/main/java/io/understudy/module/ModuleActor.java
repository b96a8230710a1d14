package io.understudy.module;

import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;

/**
 * A module whose copies are actors: a class with a public constructor without parameters.
 *
 * <p>A copy that throws has crashed. One that does not answer in time is hung: its thread is
 * interrupted, and if that does not end it, nothing it says is heard any more.
 */
public interface ModuleActor {
  /** The behavior of one copy; it runs on a thread of its own, so it may block. */
  Behavior<Message> create(CopyContext copy);

  /** What the WatchDog tells a copy. */
  sealed interface Message {}

  /**
   * Act on this status from now on, and answer once you do; without an answer before the readiness
   * deadline the copy is hung.
   */
  record StatusChanged(CopyStatus status, Epoch epoch, ActorRef<Confirmed> replyTo)
      implements Message {
    /** The answer to give. */
    public Confirmed confirmed() {
      return new Confirmed(epoch);
    }
  }

  /** The sanity check of [0019]: answer before the polling timeout, or be hung. */
  record CheckSanity(ActorRef<Sanity> replyTo) implements Message {}

  /** The copy acts on the status of this epoch. */
  record Confirmed(Epoch epoch) {}

  /** What the sanity check found. */
  sealed interface Sanity {
    record Sane() implements Sanity {}

    /** The copy is not fit to go on: it is killed, and counts as failed. */
    record Insane(String reason) implements Sanity {}
  }
}
