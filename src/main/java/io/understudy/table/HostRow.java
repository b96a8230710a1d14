package io.understudy.table;

import io.understudy.model.HostId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A host as its WatchDog registered it.
 *
 * @param incarnation of its WatchDog; one that was declared dead never comes back (I9)
 * @param address of the node's remoting, as host:port
 * @param pid of the node's JVM
 * @param watchDog where orders are sent
 * @param up false from the moment it is presumed dead
 * @param flaps empty for a host that has not failed yet
 * @param drained an operator wants it empty; it stays so until he resumes it
 */
public record HostRow(
    HostId host,
    String incarnation,
    String address,
    long pid,
    String watchDog,
    boolean up,
    Optional<Flaps> flaps,
    boolean drained) {

  /** A host that has not failed yet, as far as its WatchDog knows. */
  public HostRow(
      HostId host, String incarnation, String address, long pid, String watchDog, boolean up) {
    this(host, incarnation, address, pid, watchDog, up, Optional.empty(), false);
  }

  HostRow down(Instant at) {
    var failed = flaps.orElse(Flaps.NONE).failed(at);
    return new HostRow(
        host, incarnation, address, pid, watchDog, false, Optional.of(failed), drained);
  }

  /** This host as it comes back, with what is known of its past. */
  HostRow returned(HostRow past, Instant at) {
    var known = past.flaps().map(it -> it.returned(at));
    return new HostRow(host, incarnation, address, pid, watchDog, up, known, past.drained);
  }

  HostRow drained(boolean now) {
    return new HostRow(host, incarnation, address, pid, watchDog, up, flaps, now);
  }

  /** How long it still gets new copies only when no other host can take them; zero: not damped. */
  public Duration damped(Instant now) {
    return flaps
        .filter(it -> it.damped(now))
        .map(it -> Duration.between(now, it.dampedUntil()))
        .orElse(Duration.ZERO);
  }
}
