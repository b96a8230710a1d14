package io.understudy.watchdog;

import io.understudy.state.Output;
import io.understudy.state.Position;
import io.understudy.state.Update;
import java.util.List;
import java.util.Set;

/** How a module is given its state; all calls are from the thread of {@link StateCopy}. */
interface Worker {
  void ask(Output.Decide decide);

  void apply(List<Update> updates);

  /** {@link Position#NONE} is the initial state. */
  void install(Position at);

  void capture(long number);

  /** The state is complete, and the copy may serve with this standing. */
  void become(Standing standing);

  /** These snapshots are in their files from now on, and no others. */
  default void kept(Set<Position> snapshots) {}

  default void tick() {}
}
