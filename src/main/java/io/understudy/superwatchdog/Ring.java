package io.understudy.superwatchdog;

import io.understudy.model.HostId;
import java.util.List;
import java.util.Optional;

/**
 * The logical ring of SuperWatchDogs ([0022]): each sends heartbeats to the next, the last to the
 * first.
 *
 * @param byAge the oldest first, which is the primary
 */
public record Ring(List<HostId> byAge) {
  public Ring {
    byAge = List.copyOf(byAge);
  }

  public Optional<HostId> primary() {
    return byAge.stream().findFirst();
  }

  public boolean isPrimary(HostId host) {
    return primary().filter(host::equals).isPresent();
  }

  /** To whom this one sends, or empty when it is alone or not on the ring. */
  public Optional<HostId> successor(HostId host) {
    return neighbour(host, 1);
  }

  /** From whom this one hears, or empty when it is alone or not on the ring. */
  public Optional<HostId> predecessor(HostId host) {
    return neighbour(host, byAge.size() - 1);
  }

  private Optional<HostId> neighbour(HostId host, int steps) {
    var at = byAge.indexOf(host);
    return at < 0 || byAge.size() < 2
        ? Optional.empty()
        : Optional.of(byAge.get((at + steps) % byAge.size()));
  }
}
