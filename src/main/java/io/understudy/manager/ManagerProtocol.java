package io.understudy.manager;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.understudy.model.CopyId;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.RunningCopy;
import io.understudy.table.ReplicationTable;
import io.understudy.watchdog.WatchDogProtocol;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;

/** What the ReplicaManager is asked and what it answers (patent [0010], [0015]). */
public final class ManagerProtocol {
  private ManagerProtocol() {}

  /** What the ReplicaManager is asked. */
  public interface Command {}

  /** Asked for by an operator or a module; answered by a {@link Reply}. Safe to repeat. */
  public sealed interface Request extends Command {
    ActorRef<Reply> replyTo();
  }

  /**
   * Protect a module from the acknowledgement on.
   *
   * @param running a copy that runs already and is to be adopted
   */
  public record Register(ModuleSpec spec, Optional<RunningCopy> running, ActorRef<Reply> replyTo)
      implements Request {}

  /** Stop a module's copies and forget it. */
  public record Deregister(ModuleId module, ActorRef<Reply> replyTo) implements Request {}

  /**
   * Let another copy be a module's primary.
   *
   * @param to which one; empty for the best
   * @param from the primary that is meant; nothing is done when it is not the primary any more
   */
  public record Switchover(
      ModuleId module, Optional<CopyId> to, Optional<CopyId> from, ActorRef<Reply> replyTo)
      implements Request {}

  /** Give a host no new copies, and have others take its own. */
  public record Drain(HostId host, ActorRef<Reply> replyTo) implements Request {}

  /** Let a drained host take copies again. */
  public record Resume(HostId host, ActorRef<Reply> replyTo) implements Request {}

  /** Forget a copy's failures (resolution b). */
  public record ResetFailures(CopyId copy, ActorRef<Reply> replyTo) implements Request {}

  /** Where does the ReplicaManager run? */
  public record WhereIs(ActorRef<Location> replyTo) implements Command {}

  /** Give me the table. For senders in the same JVM: the table may be too large for a message. */
  public record GetTable(ActorRef<Table> replyTo) implements Command {}

  /**
   * Where are a module's primaries? Answered by {@link Primaries} as soon as the module is not, or
   * no longer, as the asker knows it, and after 5 s in any case; by {@link Refused} when it is not
   * registered, and by {@link Unavailable}. Of a promotion the asker hears before the new primary
   * does. Who is not answered asks again.
   *
   * @param knownConfiguration that of the last answer; 0 to be answered at once
   */
  public record WatchPrimaries(
      ModuleId module, long knownConfiguration, ActorRef<PrimariesReply> replyTo)
      implements Command {}

  /** A WatchDog speaks. */
  public record FromWatchDog(WatchDogProtocol.ToManager message) implements Command {}

  /**
   * A WatchDog speaks that does not reach the ReplicaManager by itself.
   *
   * @param by whom it is to be answered, too
   */
  public record ByDetour(WatchDogProtocol.ToManager message, ActorRef<Detour.Message> by)
      implements Command {}

  /** The answer to a {@link Request}. */
  public sealed interface Reply {}

  /** The answer to {@link WatchPrimaries}. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Primaries.class, name = "primaries"),
    @JsonSubTypes.Type(value = Refused.class, name = "refused"),
    @JsonSubTypes.Type(value = Unavailable.class, name = "unavailable")
  })
  public sealed interface PrimariesReply {}

  /**
   * It is done and durable (I7).
   *
   * @param version of the table that holds it
   * @param created the module was not registered before
   * @param warning what was accepted but is hardly meant
   */
  public record Accepted(long version, boolean created, Optional<String> warning)
      implements Reply {}

  /** It is not possible, and nothing was changed; the reason says what to do. */
  public record Refused(String reason) implements Reply, PrimariesReply {}

  /** It cannot be done now; the reason says why, and whether anything may have changed. */
  public record Unavailable(String reason) implements Reply, PrimariesReply {}

  /**
   * Where a module's primaries are: those that run, even if they have not confirmed yet that they
   * know. None while a fail-over starts a copy.
   *
   * @param configuration rises with every change of the module, whether it has state or not
   */
  public record Primaries(ModuleId module, Epoch epoch, long configuration, List<Primary> primaries)
      implements PrimariesReply {
    public Primaries {
      primaries = List.copyOf(primaries);
    }
  }

  /**
   * A primary.
   *
   * @param address of its host's remoting, as host:port
   */
  public record Primary(CopyId copy, long run, HostId host, String address) {}

  /**
   * The ReplicaManager's host and the base URL of that node's management HTTP.
   *
   * @param unavailable why it cannot serve at the moment
   */
  public record Location(HostId host, String management, Optional<String> unavailable) {}

  /**
   * The table as it is durable.
   *
   * @param unavailable why there is none at the moment; the table is then empty
   */
  public record Table(HostId manager, ReplicationTable table, Optional<String> unavailable) {}
}
