package io.understudy.manager;

import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.cluster.DowningProvider;
import org.apache.pekko.cluster.sbr.SplitBrainResolverProvider;
import scala.Option;
import scala.concurrent.duration.Duration;
import scala.concurrent.duration.FiniteDuration;

/**
 * Pekko's split-brain resolver, after which a singleton moves at once: the margin that Pekko leaves
 * a node that was downed is for singletons that nothing but time keeps apart, and here the journal
 * decides who manages (I1). Named in understudy-cluster.conf.
 */
public final class PromptDowning extends DowningProvider {
  private final SplitBrainResolverProvider resolver;

  /** Called by Pekko. */
  public PromptDowning(ActorSystem system) {
    resolver = new SplitBrainResolverProvider(system);
  }

  @Override
  public FiniteDuration downRemovalMargin() {
    return Duration.Zero();
  }

  @Override
  public Option<Props> downingActorProps() {
    return resolver.downingActorProps();
  }
}
