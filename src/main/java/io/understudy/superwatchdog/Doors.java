package io.understudy.superwatchdog;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The ways in which a dead process shows itself: its lifelines close, and where it listened
 * connections are refused.
 */
final class Doors {
  private final Set<String> lifelines = new HashSet<>();
  private final Set<String> ended = new HashSet<>();
  private final Set<String> knocking = new HashSet<>();
  private final Consumer<String> knock;

  /** Knocks by this, which answers by {@link #answered}. */
  Doors(Consumer<String> knock) {
    this.knock = knock;
  }

  /** A node's lifeline opened, or its last one closed; true when it has hung up. */
  boolean lifeline(String node, boolean open) {
    if (open) {
      lifelines.add(node);
      return false;
    }
    ended.remove(node);
    return lifelines.remove(node);
  }

  /**
   * Its own guard says that a node is dead; true when that is news of one whose lifeline is open.
   */
  boolean ended(String node) {
    return lifelines.contains(node) && ended.add(node);
  }

  boolean hasLifeline(String node) {
    return lifelines.contains(node);
  }

  /** Finds out whether a node refuses connections, unless that is known or being found out. */
  void knock(String node) {
    if (!lifelines.contains(node) && knocking.add(node)) {
      knock.accept(node);
    }
  }

  /** The answer has come; true when it proves the node dead. */
  boolean answered(String node, boolean refused) {
    knocking.remove(node);
    return refused && !lifelines.contains(node);
  }
}
