package io.understudy.bench;

import io.understudy.module.CopyContext;
import io.understudy.module.ModuleActor;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** A module's copy in the node's JVM that does what its WatchDog asks, and nothing else. */
public final class BenchModule implements ModuleActor {
  @Override
  public Behavior<Message> create(CopyContext copy) {
    return Behaviors.receiveMessage(
        message -> {
          switch (message) {
            case StatusChanged m -> m.replyTo().tell(m.confirmed());
            case CheckSanity m -> m.replyTo().tell(new Sanity.Sane());
          }
          return Behaviors.same();
        });
  }
}
