package io.understudy.management;

import io.understudy.management.EventsSource.Recorded;
import io.understudy.model.CopyId;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.table.TableEvent;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;

/** What happened and why, as callers see it. */
record EventsView(List<EventView> events) {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

  /**
   * One event of the journal.
   *
   * @param certainty CERTAIN or SUSPECTED, of the death of a host
   */
  record EventView(
      long sequence,
      String time,
      Optional<String> module,
      Optional<String> copy,
      Optional<String> host,
      String event,
      Optional<String> certainty,
      String reason) {
    static EventView of(Recorded recorded) {
      var event = recorded.event();
      return new EventView(
          recorded.sequence(),
          TIME.format(event.at()),
          event.module().map(ModuleId::value),
          event.copyId().map(CopyId::toString),
          event.hostId().map(HostId::value),
          event.getClass().getSimpleName(),
          event instanceof TableEvent.HostFailed failed
              ? Optional.of(failed.certainty().name())
              : Optional.empty(),
          event.reason());
    }

    /** One line; the columns are as wide as they usually need to be. */
    String text() {
      var subject =
          copy.flatMap(id -> host.map(at -> id + "@" + at)).or(() -> module).or(() -> host);
      return "%6d  %s  %-18s  %-12s  %s%n"
          .formatted(sequence, time, event, subject.orElse("-"), reason);
    }
  }

  static EventsView of(List<Recorded> events) {
    return new EventsView(events.stream().map(EventView::of).toList());
  }

  String text() {
    var out = new StringBuilder();
    events.forEach(event -> out.append(event.text()));
    return out.toString();
  }
}
