package io.understudy.state;

import io.understudy.model.CopyId;
import io.understudy.model.StateGroup;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * One run of a copy: its replica, and a module on a thread of its own that keeps all it is told.
 */
final class CopySide {
  private static final int CHUNK = 200;

  final CopyId copy;
  final long run;
  boolean alive = true;
  long pausedUntil;
  Replica replica;
  PVector<String> state = TreePVector.empty();
  final Map<Position, byte[]> files = new HashMap<>();
  private final GroupSimulation world;
  private final Map<Long, ClientSide.Call> calls = new HashMap<>();
  private ByteArrayOutputStream storing = new ByteArrayOutputStream();
  private PVector<String> captured = TreePVector.empty();
  private long moduleFree;
  private long diskFree;
  private long tickets;
  private boolean leased = true;
  private @Nullable StateGroup told;

  CopySide(GroupSimulation world, CopyId copy, long run) {
    this.world = world;
    this.copy = copy;
    this.run = run;
    replica = Replica.create(new Self(copy, run, world.plan.style(), world.plan.module()));
    world.after(world.random.nextInt(50_000), this::tick);
  }

  private void tick() {
    if (alive) {
      give(new Input.Tick());
      world.after(replica.tickEvery().toMillis() * 1_000, this::tick);
    }
  }

  void ask(ClientSide.Call call, boolean again) {
    if (!alive) {
      return;
    }
    var ticket = ++tickets;
    calls.put(ticket, call);
    var id = world.sabotage == Sabotage.NAMES_IGNORED ? Optional.<RequestId>empty() : call.id();
    var process = world.plan.module() == Self.Follows.COMMITS;
    give(
        process && call.read()
            ? new Input.Barrier(ticket)
            : new Input.Ask(List.of(request(ticket, id, call, again))));
  }

  private Request request(
      long ticket, Optional<RequestId> id, ClientSide.Call call, boolean again) {
    var command = Bytes.utf8(call.command());
    var marked = again && world.keepsAnswers();
    return id.map(name -> replica.request(ticket, name, command, marked))
        .orElseGet(() -> replica.request(ticket, id, command));
  }

  /** It is to be stopped as planned. */
  void leave() {
    if (world.sabotage == Sabotage.LEFT_BEFORE_STORED && alive) {
      world.left(this);
    } else {
      give(new Input.Leave());
    }
  }

  void give(Input input) {
    if (!alive) {
      return;
    }
    if (pausedUntil > world.micros()) {
      world.after(pausedUntil - world.micros(), () -> give(input));
      return;
    }
    if (leased != world.manager.leased(this)) {
      leased = !leased;
      take(new Input.Leased(leased));
    }
    take(input);
  }

  private void take(Input input) {
    var step = replica.decide(input, world.now());
    if (input instanceof Input.Ordered ordered && !ordered.group().equals(told)) {
      told = ordered.group();
      world.tell("%s run %d hears %s", copy, run, shown(ordered));
    }
    if (step.replica().sequencing()
        && step.outputs().stream().anyMatch(Output.Ready.class::isInstance)) {
      world.tell(
          "%s run %d is the sequencer of %s with %s",
          copy, run, step.replica().epoch(), step.replica().end());
      world.judge.ready(this, step.replica());
    }
    world.judge.stepped(this, step.replica());
    replica = step.replica();
    step.outputs().forEach(this::follow);
  }

  private static String shown(Input.Ordered ordered) {
    var group = ordered.group();
    return "epoch %s, configuration %d, sequencer %s, %s"
        .formatted(
            ordered.epoch(),
            group.configuration(),
            group.sequencer(),
            group.members().stream()
                .map(one -> one.copy() + "/" + one.run() + (one.inSync() ? "+" : ""))
                .toList());
  }

  private void follow(Output output) {
    switch (output) {
      case Output.Send(var to, PeerMessage.Forward message) ->
          world.send(
              copy, to, GroupSimulation.once(() -> Wiring.deliver(world, this, to, message)));
      case Output.Send(var to, var message) ->
          world.send(copy, to, () -> Wiring.deliver(world, this, to, message));
      case Output.Decide(var generation, var requests) ->
          module(() -> decide(generation, requests));
      case Output.Apply(var updates) -> module(() -> apply(updates));
      case Output.Install(var at) -> module(() -> install(at));
      case Output.Capture(var number) ->
          module(
              () -> {
                captured = state;
                give(new Input.Captured(number));
              });
      case Output.WriteSnapshot(var header) -> write(header);
      case Output.KeepSnapshots(var these, var own) ->
          disk(0, () -> files.keySet().retainAll(these));
      case Output.StoreChunk chunk -> store(chunk);
      case Output.ReadChunk(var to, var at, var offset) -> read(to, at, (int) offset);
      case Output.ClaimCheckpoint(var epoch) -> world.checkpoints.claim(this, epoch);
      case Output.LoadCheckpoint(var epoch) -> world.checkpoints.load(this, epoch);
      case Output.SaveCheckpoint(var epoch, var at) -> world.checkpoints.save(this, epoch, at);
      case Output.AppendCheckpoint(var epoch, var updates) ->
          world.checkpoints.append(this, epoch, updates);
      case Output.ReportSync report -> world.send(() -> world.manager.reported(this, report));
      case Output.Answer(var ticket, var reply) -> answer(ticket, reply);
      case Output.Ready seenTo -> {}
      case Output.Left left -> world.left(this);
    }
  }

  /** What the Checkpoint Server finds when it comes to it; of an earlier epoch, perhaps nothing. */
  Optional<byte[]> toSave(Position at) {
    var needed = alive && replica.saving().equals(Optional.of(at));
    return needed ? Optional.of(file(at)) : Optional.ofNullable(files.get(at));
  }

  private byte[] file(Position at) {
    var file = files.get(at);
    if (file == null) {
      throw world.violation("%s has no snapshot %s, but needs it".formatted(copy, at));
    }
    return file;
  }

  private void answer(long ticket, Reply reply) {
    var call = calls.remove(ticket);
    if (call != null) {
      var late = reply instanceof Reply.Done && !world.manager.leased(this);
      var checked = late ? new Reply.NotPrimary("the host's lease is over") : reply;
      call.client().answered(this, call, checked);
    }
  }

  /** The module's thread does one thing after the other. */
  private void module(Runnable work) {
    moduleFree = Math.max(moduleFree, world.micros()) + world.random.nextInt(300);
    module(moduleFree, work);
  }

  private void module(long at, Runnable work) {
    world.after(
        Math.max(0, at - world.micros()),
        () -> {
          if (alive && pausedUntil > world.micros()) {
            module(pausedUntil, work);
          } else if (alive) {
            work.run();
          }
        });
  }

  /** Files are written and deleted one after the other, whatever the module does. */
  private void disk(long takes, Runnable work) {
    diskFree = Math.max(diskFree, world.micros()) + takes;
    world.after(diskFree - world.micros(), work);
  }

  private void decide(long generation, List<Request> requests) {
    var decisions = new ArrayList<Decision>();
    for (var request : requests) {
      var command = request.command().utf8();
      var declined = command.startsWith("maybe") && state.size() % 3 != 0;
      if (command.startsWith("read") || declined) {
        var reply = declined ? Judge.DECLINED : "" + state.size();
        decisions.add(new Decision(Optional.empty(), Bytes.utf8(reply)));
        Wiring.decided(world, this, calls, request, true, state.size());
        if (request.again() && request.id().isPresent()) {
          state = state.plus(""); // its answer is kept, as an update of nothing
        }
      } else {
        state = state.plus(command);
        decisions.add(new Decision(Optional.of(request.command()), Bytes.utf8(command)));
        Wiring.decided(world, this, calls, request, false, state.size());
      }
    }
    give(new Input.Decided(generation, decisions));
  }

  private void apply(List<Update> updates) {
    for (var update : updates) {
      if (update.sequence() != state.size() + 1) {
        throw world.violation(
            "%s is given %s after %d updates".formatted(copy, update.at(), state.size()));
      }
      state = state.plus(update.payload().utf8());
    }
  }

  private void install(Position at) {
    try {
      state = at.equals(Position.NONE) ? TreePVector.empty() : state(file(at));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PVector<String> state(byte[] file) throws IOException {
    var in = new DataInputStream(new ByteArrayInputStream(file));
    SnapshotHeader.readFrom(in);
    PVector<String> state = TreePVector.empty();
    for (var left = in.readInt(); left > 0; left--) {
      state = state.plus(in.readUTF());
    }
    return state;
  }

  private void write(SnapshotHeader header) {
    var fails = !world.calm() && world.random.nextInt(20) == 0;
    var taken = captured;
    if (taken.size() != header.at().sequence()) {
      throw world.violation(
          "%s took %d updates for snapshot %s".formatted(copy, taken.size(), header.at()));
    }
    disk(
        world.random.nextInt(100_000),
        () -> {
          var file = bytes(header, taken);
          files.put(header.at(), file);
          give(
              fails
                  ? new Input.SnapshotFailed("the disk is full")
                  : new Input.SnapshotWritten(header.at(), file.length));
        });
  }

  private static byte[] bytes(SnapshotHeader header, PVector<String> state) {
    try {
      var bytes = new ByteArrayOutputStream();
      var out = new DataOutputStream(bytes);
      header.writeTo(out);
      out.writeInt(state.size());
      for (var entry : state) {
        out.writeUTF(entry);
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void store(Output.StoreChunk chunk) {
    var hole = chunk.offset() > storing.size();
    if (hole || (!world.calm() && world.random.nextInt(20) == 0)) {
      var failed = new Input.PieceFailed(chunk.at(), "the disk is full");
      disk(world.random.nextInt(3_000), () -> give(failed));
      return;
    }
    if (chunk.offset() == 0) {
      storing = new ByteArrayOutputStream();
    }
    storing.writeBytes(chunk.bytes().toArray());
    if (chunk.last()) {
      stored(storing.toByteArray());
    } else {
      disk(world.random.nextInt(3_000), () -> give(new Input.PieceStored(chunk.at(), chunk.end())));
    }
  }

  private void stored(byte[] file) {
    disk(
        world.random.nextInt(3_000), () -> give(new Input.SnapshotStored(keep(file), file.length)));
  }

  /** Puts a snapshot that came from elsewhere into the folder. */
  SnapshotHeader keep(byte[] file) {
    try {
      var header = SnapshotHeader.readFrom(new DataInputStream(new ByteArrayInputStream(file)));
      files.put(header.at(), file);
      return header;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(CopyId to, Position at, int offset) {
    var file = files.get(at);
    if (file != null) {
      var piece = Arrays.copyOfRange(file, offset, Math.min(file.length, offset + CHUNK));
      give(new Input.ChunkRead(to, at, offset, file.length, Bytes.wrap(piece)));
    }
  }
}
