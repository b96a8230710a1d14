package io.understudy.watchdog;

import io.understudy.model.CopyId;
import io.understudy.model.CopyReport;
import io.understudy.state.Output;
import io.understudy.watchdog.WatchDogProtocol.Command;
import io.understudy.watchdog.WatchDogProtocol.Heartbeat;
import io.understudy.watchdog.WatchDogProtocol.ToManager;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.StashBuffer;
import org.apache.pekko.http.javadsl.ServerBinding;

/** Opens the module API, then watches; see {@link Watching}. One per host ([0018]). */
public final class WatchDog {
  private static final int EARLY_MESSAGES = 1000;

  /** The way to the ReplicaManager. Whether that hears what it is told, only its answers show. */
  @FunctionalInterface
  public interface ManagerLink {
    void tell(ToManager message);

    /**
     * Whether it leads round a cut between this host and the ReplicaManager's: then the
     * ReplicaManager is told often that this host is there, so that it knows the way back.
     */
    default boolean roundabout() {
      return false;
    }
  }

  /**
   * Where a WatchDog speaks to.
   *
   * @param superWatchDogs all of them
   * @param lease for how long primaries may run here; read from the WatchDog's thread
   * @param nameTaken ends the node; the reason is its argument
   * @param ties of the processes that run here
   */
  public record Links(
      ManagerLink manager,
      Consumer<Heartbeat> superWatchDogs,
      Supplier<Lease> lease,
      Consumer<String> nameTaken,
      SelfRegistration selfRegistration,
      Ties ties) {}

  /** What a WatchDog tells itself. */
  sealed interface Own extends Command {}

  record Seen(CopyReport report) implements Own {}

  record ApiOpen(ServerBinding binding) implements Own {}

  record ApiFailed(Throwable failure) implements Own {}

  /** The actor that supervised a run is gone; too early, unless the run was seen to end. */
  record RunEnded(CopyId copy, long run) implements Own {}

  record RotationDone() implements Own {}

  /** A sequencer here found out who is in sync. */
  record Synced(CopyId sequencer, long run, Output.ReportSync report) implements Own {}

  enum Tick implements Own {
    HEARTBEAT,
    LEASE,
    REPEAT,
    ANSWER_LATE,
    HOST_UP,
    ROTATE,
    SHUTDOWN_GRACE_OVER
  }

  private WatchDog() {}

  /** A WatchDog without the count of copies that were cut off. */
  public static Behavior<Command> create(
      HostIdentity identity, WatchDogSettings settings, Links links) {
    return create(identity, settings, links, new AtomicInteger());
  }

  /** A WatchDog of a host that runs no copies with state. */
  public static Behavior<Command> create(
      HostIdentity identity, WatchDogSettings settings, Links links, AtomicInteger cutOffCopies) {
    return create(identity, settings, links, cutOffCopies, StateResources::none);
  }

  /**
   * A WatchDog. It belongs on the dispatcher {@code understudy.watchdog.own-dispatcher}. Should it
   * fail and be restarted, it begins again with an empty host.
   *
   * @param cutOffCopies counts actors that could not be stopped, each of which still holds a thread
   */
  public static Behavior<Command> create(
      HostIdentity identity,
      WatchDogSettings settings,
      Links links,
      AtomicInteger cutOffCopies,
      StateResources states) {
    return create(identity, settings, links, cutOffCopies, system -> states);
  }

  private static Behavior<Command> create(
      HostIdentity identity,
      WatchDogSettings settings,
      Links links,
      AtomicInteger cutOffCopies,
      Function<ActorSystem<?>, StateResources> states) {
    var guard = new Guard(settings.shell(), settings.data());
    var living = new Living(links.ties());
    return Behaviors.setup(
        context ->
            Behaviors.withStash(
                EARLY_MESSAGES,
                stash -> {
                  var tokens = new CopyTokens();
                  openApi(context, settings, tokens, living, links.selfRegistration());
                  return opening(
                      stash,
                      binding ->
                          Watching.begin(
                              context,
                              new HostResources(
                                  identity,
                                  settings,
                                  guard,
                                  blocking(context),
                                  tokens,
                                  ModuleApi.address(binding),
                                  living,
                                  cutOffCopies,
                                  states.apply(context.getSystem()),
                                  links.lease()),
                              links,
                              binding));
                }));
  }

  private static void openApi(
      ActorContext<Command> context,
      WatchDogSettings settings,
      CopyTokens tokens,
      Living living,
      SelfRegistration registration) {
    var api = new ModuleApi(context.getSystem(), settings.api(), tokens, registration);
    // After a failure of the last WatchDog here: its processes first (I9).
    context.pipeToSelf(
        living.allDead().thenCompose(dead -> api.open()),
        (binding, failure) -> failure == null ? new ApiOpen(binding) : new ApiFailed(failure));
  }

  private static Executor blocking(ActorContext<Command> context) {
    return context
        .getSystem()
        .dispatchers()
        .lookup(DispatcherSelector.fromConfig("understudy.watchdog.blocking-dispatcher"));
  }

  private static Behavior<Command> opening(
      StashBuffer<Command> stash, Function<ServerBinding, Behavior<Command>> open) {
    return Behaviors.receive(Command.class)
        .onMessage(ApiOpen.class, message -> stash.unstashAll(open.apply(message.binding())))
        .onMessage(
            ApiFailed.class,
            message -> {
              throw new IllegalStateException(
                  "the module API cannot listen: set understudy.watchdog.api.address and port to"
                      + " ones that are free on this host",
                  message.failure());
            })
        .onAnyMessage(
            message -> {
              stash.stash(message);
              return Behaviors.same();
            })
        .build();
  }
}
