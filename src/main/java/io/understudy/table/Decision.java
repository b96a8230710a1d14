package io.understudy.table;

import java.util.List;

/** What follows from a change. */
public sealed interface Decision {
  /** These events, to be persisted as one; none when the change says nothing new. */
  record Accepted(List<TableEvent> events) implements Decision {
    public Accepted {
      events = List.copyOf(events);
    }
  }

  /** Nothing: the change is not possible, for this reason and with this remedy. */
  record Refused(String reason) implements Decision {}

  /** The events, or none if refused. */
  default List<TableEvent> eventList() {
    return switch (this) {
      case Accepted accepted -> accepted.events();
      case Refused refused -> List.of();
    };
  }
}
