package io.understudy.simulation;

import io.understudy.model.HostId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A machine, its kernel, and what runs on it. */
final class Machine {
  final int index;
  final boolean manager;
  final HostClock clock;
  final List<Body> bodies = new ArrayList<>();
  boolean powered = true;

  /** When a node may start here again. */
  long notBefore;

  int starved;
  @Nullable Node node;

  Machine(int index, boolean manager, HostClock clock) {
    this.index = index;
    this.manager = manager;
    this.clock = clock;
  }

  HostId host() {
    return Scenario.host(index);
  }

  String address() {
    return "10.0.0.%d:17355".formatted(index + 1);
  }

  /** The kernel is there to say that nobody listens. */
  boolean refuses() {
    return powered && node == null;
  }
}
