package io.understudy.watchdog;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import java.util.List;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What a WatchDog is told and what it tells (patent [0018] to [0024]).
 *
 * <p>Neither side relies on a message arriving: orders are repeated until a report answers them,
 * reports until they are heard.
 */
public final class WatchDogProtocol {
  private WatchDogProtocol() {}

  /** What a WatchDog is told. */
  public sealed interface Command permits FromManager, Stop, WatchDog.Own {}

  /** What the ReplicaManager tells it. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Orders.class, name = "orders"),
    @JsonSubTypes.Type(value = Welcome.class, name = "welcome"),
    @JsonSubTypes.Type(value = Heard.class, name = "heard"),
    @JsonSubTypes.Type(value = DeclaredDead.class, name = "declared-dead"),
    @JsonSubTypes.Type(value = NameTaken.class, name = "name-taken")
  })
  public sealed interface FromManager extends Command {
    String incarnation();
  }

  /** The states to bring these copies into (I3). */
  public record Orders(String incarnation, List<CopyOrder> orders) implements FromManager {
    public Orders {
      orders = List.copyOf(orders);
    }
  }

  /** This incarnation is registered and may take orders. */
  public record Welcome(String incarnation) implements FromManager {}

  /** All reports up to this number are durable, stop repeating them. */
  public record Heard(String incarnation, long sequence) implements FromManager {}

  /**
   * This incarnation was declared dead, and its copies have been replaced. The WatchDog kills what
   * is left of them and begins again as a fresh incarnation (I9).
   */
  public record DeclaredDead(String incarnation, String reason) implements FromManager {}

  /** Another live node has this host's name. The node must end. */
  public record NameTaken(String incarnation, String reason) implements FromManager {}

  /** From the node, when it ends: stop all copies, answer when none is left, and stop. */
  public record Stop(ActorRef<Done> replyTo) implements Command {}

  /** What a WatchDog tells the ReplicaManager. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = HostUp.class, name = "host-up"),
    @JsonSubTypes.Type(value = Observed.class, name = "observed"),
    @JsonSubTypes.Type(value = SyncChanged.class, name = "sync-changed")
  })
  public sealed interface ToManager {
    HostId host();

    String incarnation();
  }

  /**
   * Here is a host, ready for orders; repeated until it is welcome, and now and then after.
   *
   * @param incarnation differs for each life of a WatchDog; copies never outlive it
   * @param address of the node's remoting, as host:port
   * @param pid of the node's JVM
   */
  public record HostUp(
      HostId host, String incarnation, String address, long pid, ActorRef<Command> watchDog)
      implements ToManager {}

  /**
   * What became of copies. A failure is repeated until it is heard, whoever manages by then
   * (resolution p).
   *
   * @param sequence counts a WatchDog's reports, for {@link Heard}
   */
  public record Observed(
      HostId host,
      String incarnation,
      long sequence,
      List<CopyReport> reports,
      ActorRef<Command> watchDog)
      implements ToManager {
    public Observed {
      reports = List.copyOf(reports);
    }
  }

  /**
   * What the copy that numbers a module's updates says of a copy that keeps the state with it, or
   * of itself; repeated until an order shows it.
   *
   * @param run of the sequencer
   * @param epoch that the sequencer has been given; said under another, it is not heard (I4)
   * @param configuration of the group on which this was found; it counts only while that stands
   * @param inSync whether the member's run has every update that was acknowledged
   */
  public record SyncChanged(
      HostId host,
      String incarnation,
      CopyId sequencer,
      long run,
      Epoch epoch,
      long configuration,
      CopyId member,
      long memberRun,
      boolean inSync,
      String reason)
      implements ToManager {}

  /**
   * What a WatchDog tells every SuperWatchDog, all the time (patent [0024]).
   *
   * @param incarnation names the node too, see {@link Incarnation}
   */
  public record Heartbeat(HostId host, String incarnation) {}
}
