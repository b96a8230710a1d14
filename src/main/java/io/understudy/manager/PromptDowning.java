package io.understudy.manager;

import io.understudy.superwatchdog.Downing;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.cluster.DowningProvider;
import scala.Option;
import scala.concurrent.duration.Duration;
import scala.concurrent.duration.FiniteDuration;

/**
 * Leaves downing to the juries and to {@link Downing}, after which a singleton moves at once: the
 * margin that Pekko leaves a node that was downed is for singletons that nothing but time keeps
 * apart, and here the journal decides who manages (I1). Named in understudy-cluster.conf.
 */
public final class PromptDowning extends DowningProvider {
  /** Called by Pekko. */
  public PromptDowning(ActorSystem system) {
    // Pekko looks for this constructor; nothing of the system is needed before it runs.
  }

  @Override
  public FiniteDuration downRemovalMargin() {
    return Duration.Zero();
  }

  @Override
  public Option<Props> downingActorProps() {
    return Option.apply(Adapter.props(Downing::create));
  }
}
