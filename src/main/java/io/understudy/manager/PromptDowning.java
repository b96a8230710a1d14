package io.understudy.manager;

import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.DowningProvider;
import org.apache.pekko.cluster.sbr.SplitBrainResolver;
import org.apache.pekko.cluster.sbr.SplitBrainResolverSettings;
import scala.Option;
import scala.concurrent.duration.Duration;
import scala.concurrent.duration.FiniteDuration;

/**
 * Pekko's split-brain resolver, for what the SuperWatchDogs do not decide: {@link CleanCuts}. After
 * it a singleton moves at once: the margin that Pekko leaves a node that was downed is for
 * singletons that nothing but time keeps apart, and here the journal decides who manages (I1).
 * Named in understudy-cluster.conf.
 */
public final class PromptDowning extends DowningProvider {
  private final ActorSystem system;

  /** Called by Pekko. */
  public PromptDowning(ActorSystem system) {
    this.system = system;
  }

  @Override
  public FiniteDuration downRemovalMargin() {
    return Duration.Zero();
  }

  @Override
  public Option<Props> downingActorProps() {
    var settings = new SplitBrainResolverSettings(system.settings().config());
    var cluster = Cluster.get(system);
    var strategy =
        new CleanCuts(
            cluster.selfDataCenter(), settings.keepMajorityRole(), cluster.selfUniqueAddress());
    return Option.apply(SplitBrainResolver.props(settings.DowningStableAfter(), strategy));
  }
}
