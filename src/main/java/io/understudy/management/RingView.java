package io.understudy.management;

import io.understudy.model.HostId;
import io.understudy.superwatchdog.SuperWatchDogProtocol;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The ring of SuperWatchDogs as callers see it, from the primary on.
 *
 * @param manager the ReplicaManager's host, unless there is none
 */
record RingView(Optional<String> manager, List<Place> ring) {
  /** One SuperWatchDog. */
  record Place(
      String host,
      String role,
      Optional<String> sendsTo,
      Optional<String> heardFrom,
      Optional<Long> heardMillisAgo) {}

  static RingView of(Optional<HostId> manager, List<SuperWatchDogProtocol.RingView> places) {
    var order = Comparator.comparing((SuperWatchDogProtocol.RingView place) -> !place.primary());
    var sorted = places.stream().sorted(order.thenComparing(place -> place.host())).toList();
    return new RingView(
        manager.map(HostId::value), inOrder(sorted).stream().map(RingView::place).toList());
  }

  /** Follows who sends to whom; where the ring is broken it goes on with the next one left. */
  private static List<SuperWatchDogProtocol.RingView> inOrder(
      List<SuperWatchDogProtocol.RingView> places) {
    Map<HostId, SuperWatchDogProtocol.RingView> left = new LinkedHashMap<>();
    places.forEach(place -> left.put(place.host(), place));
    var order = new ArrayList<SuperWatchDogProtocol.RingView>();
    while (!left.isEmpty()) {
      var next = order.isEmpty() ? Optional.<HostId>empty() : order.getLast().sendsTo();
      var place =
          left.remove(next.filter(left::containsKey).orElseGet(left.keySet().iterator()::next));
      if (place != null) {
        order.add(place);
      }
    }
    return order;
  }

  private static Place place(SuperWatchDogProtocol.RingView view) {
    return new Place(
        view.host().value(),
        view.primary() ? "PRIMARY" : "BACKUP",
        view.sendsTo().map(HostId::value),
        view.heardFrom().map(HostId::value),
        view.heardFrom().map(host -> view.heardMillisAgo()));
  }

  String text() {
    var rows = new TextTable("HOST", "ROLE", "SENDS TO", "HEARD FROM", "AGO");
    for (Place place : ring) {
      rows.row(
          place.host(),
          place.role(),
          place.sendsTo().orElse("-"),
          place.heardFrom().orElse("-"),
          place.heardMillisAgo().map(millis -> millis + " ms").orElse("-"));
    }
    var out = new StringBuilder();
    out.append("manager ").append(manager.orElse("(none)")).append("\n\n");
    rows.appendTo(out);
    return out.toString();
  }
}
