package io.understudy.watchdog;

import io.understudy.state.Output;
import io.understudy.state.Position;
import io.understudy.state.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** A Java module: what it is asked waits until it has been started. */
final class ActorWorker implements Worker {
  private final SnapshotFiles files;
  private final List<StatefulCopy.Command> early = new ArrayList<>();
  private @Nullable ActorRef<StatefulCopy.Command> module;

  ActorWorker(SnapshotFiles files) {
    this.files = files;
  }

  void started(ActorRef<StatefulCopy.Command> actor) {
    module = actor;
    early.forEach(actor::tell);
    early.clear();
  }

  private void tell(StatefulCopy.Command command) {
    if (module == null) {
      early.add(command);
    } else {
      module.tell(command);
    }
  }

  @Override
  public void ask(Output.Decide decide) {
    tell(new StatefulCopy.Decide(decide.generation(), decide.requests()));
  }

  @Override
  public void apply(List<Update> updates) {
    tell(new StatefulCopy.Apply(updates));
  }

  @Override
  public void install(Position at) {
    tell(
        new StatefulCopy.Install(
            at.equals(Position.NONE) ? Optional.empty() : Optional.of(files.of(at))));
  }

  @Override
  public void capture(long number) {
    tell(new StatefulCopy.Capture(number));
  }

  @Override
  public void become(Standing standing) {
    tell(new StatefulCopy.Become(standing));
  }
}
