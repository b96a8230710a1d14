package io.understudy.manager;

import io.understudy.table.ReplicationTable;
import io.understudy.table.TableEvent;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a command leads to.
 *
 * @param first is told when the events are durable, before the orders go out
 * @param then after them
 */
record Step(
    List<TableEvent> events, Consumer<ReplicationTable> first, Consumer<ReplicationTable> then) {
  Step(List<TableEvent> events, Consumer<ReplicationTable> then) {
    this(events, table -> {}, then);
  }

  static Step only(Consumer<ReplicationTable> then) {
    return new Step(List.of(), then);
  }
}
