package io.understudy.watchdog;

import io.understudy.model.CopyOrder;
import io.understudy.module.ModuleCall;
import io.understudy.state.Bytes;
import io.understudy.state.Input;
import io.understudy.state.PeerMessage;
import io.understudy.state.Reply;
import io.understudy.state.RequestId;
import io.understudy.state.Update;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;

/** What is said to a {@link StateCopy}, and what it answers. */
final class StateCopyProtocol {
  private StateCopyProtocol() {}

  /** What it is told and asked. */
  sealed interface Command {}

  enum Own implements Command {
    TICK,
    FLUSH
  }

  record Came(Input input) implements Command {}

  record WentWrong(String what, Throwable failure) implements Command {}

  /** From the WatchDog: who is in the group, and what this copy is. */
  record Ordered(CopyOrder order) implements Command {}

  /** After the order that made this copy a backup: its run is told that it has been heard. */
  record Demoted(Standing standing) implements Command {}

  /** It is to be stopped: it takes nothing new, and {@link CopyNews.Left} follows. */
  record Leave() implements Command {}

  record FromPeer(PeerMessage message) implements Command {}

  record FromClient(ModuleCall call) implements Command {}

  /** The module runs, and can be asked. */
  record ModuleStarted(ActorRef<StatefulCopy.Command> module) implements Command {}

  record FromModule(StatefulCopy.Answer answer) implements Command {}

  /**
   * A module that is a process wants to make an update. The answer comes when the update is
   * committed, or will not be; when this copy loses its group, that may take until it ends.
   */
  record Propose(Optional<RequestId> request, Bytes update, ActorRef<Reply> replyTo)
      implements Command {}

  /**
   * Answered with {@link Reply.Done} when this copy may serve and all that was committed before has
   * been given to the feed: what the module has by then is as new as any client may expect.
   */
  record PassBarrier(ActorRef<Reply> replyTo) implements Command {}

  /**
   * A module that is a process wants its updates from now on, after those up to this sequence. One
   * feed at a time: an earlier one ends.
   */
  record Subscribe(long after, Feed feed) implements Command {}

  record Unsubscribe(Feed feed) implements Command {}

  /** What a module that is a process begins with; answered when that is known. */
  record AskSnapshot(ActorRef<Beginning> replyTo) implements Command {}

  /** Asks where the module's state after this update is to be written, if it is wanted. */
  record PlaceSnapshot(long sequence, ActorRef<Put> replyTo) implements Command {}

  /**
   * The module's state after the update of this sequence, for {@link Feed#wanted} with the same.
   *
   * @param file the module's bytes; it belongs to this actor from now on
   * @param history that of {@link Put.Into}
   */
  record PutSnapshot(long sequence, Path file, long history, ActorRef<Put> replyTo)
      implements Command {}

  /** What a module begins with. */
  sealed interface Beginning {
    /** With nothing: the first update is the one after this sequence, which is 0. */
    record Initial() implements Beginning {}

    /** The state after this sequence; the module's bytes are what {@link SnapshotFile} opens. */
    record From(long sequence, SnapshotFile snapshot) implements Beginning {}
  }

  /** What became of a snapshot. */
  sealed interface Put {
    /**
     * Its bytes go here.
     *
     * @param history of which the state is wanted; another one may take its place meanwhile
     */
    record Into(Path file, long history) implements Put {}

    record Stored() implements Put {}

    record Refused(String reason) implements Put {}
  }

  /**
   * Where a module that is a process gets its updates. Called on the actor's thread: no waiting.
   */
  interface Feed {
    /** Committed ones, without a gap, each once. */
    void updates(List<Update> updates);

    /** The module's state after this sequence, which was the last one given, is wanted. */
    void wanted(long sequence);

    /** The module is to ask for its snapshot, and to subscribe after that, or to end. */
    void end(String reason);
  }
}
