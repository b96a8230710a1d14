package io.understudy.manager;

import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;
import org.apache.pekko.actor.typed.Props;

/** How fast the members of the cluster agree: {@link Stir} and {@link Haste}, once on each node. */
final class Agreement implements Extension {
  private static final Id ID = new Id();

  private static final class Id extends ExtensionId<Agreement> {
    @Override
    public Agreement createExtension(ActorSystem<?> system) {
      system.systemActorOf(Haste.create(), "haste", Props.empty());
      system.systemActorOf(Stir.create(), "stir", Props.empty());
      return new Agreement();
    }
  }

  private Agreement() {}

  /** Begins on this node, unless it has. */
  static void begin(ActorSystem<?> system) {
    ID.apply(system);
  }
}
