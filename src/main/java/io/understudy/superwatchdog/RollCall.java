package io.understudy.superwatchdog;

import io.understudy.model.HostId;
import io.understudy.watchdog.WatchDogProtocol.Heartbeat;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * When each WatchDog was last heard, and which have been silent for too long ([0022]).
 *
 * <p>Times are readings of one monotonic clock, in nanoseconds, given by the caller.
 *
 * @param heard the last heartbeat of each incarnation; a host may have more than one for a while
 * @param expected the hosts that the ReplicaManager believes alive
 */
public record RollCall(PMap<String, Heard> heard, PMap<HostId, Expected> expected) {
  public static final RollCall EMPTY = new RollCall(HashTreePMap.empty(), HashTreePMap.empty());

  /** The last heartbeat of an incarnation. */
  public record Heard(Heartbeat heartbeat, long at) {}

  /** Since when a host's incarnation is believed alive. */
  public record Expected(String incarnation, long since) {}

  /** A host that the ReplicaManager believes alive, and for how long it has been silent. */
  public record Silence(
      HostId host, String incarnation, Optional<String> address, Duration silent) {}

  /** One node's heartbeats never count as the silence of another that uses the same name. */
  public RollCall hear(Heartbeat heartbeat, long now) {
    var known = heard.containsKey(heartbeat.incarnation()) ? heard : withoutPast(heartbeat.host());
    return new RollCall(known.plus(heartbeat.incarnation(), new Heard(heartbeat, now)), expected);
  }

  /** Of a host's incarnations, only the one that is expected need be remembered. */
  private PMap<String, Heard> withoutPast(HostId host) {
    @Nullable Expected waited = expected.get(host);
    return heard.minusAll(
        heard.values().stream()
            .map(Heard::heartbeat)
            .filter(past -> past.host().equals(host))
            .map(Heartbeat::incarnation)
            .filter(past -> waited == null || !past.equals(waited.incarnation()))
            .toList());
  }

  /** The last heartbeats of the hosts that have been silent for so long. */
  public Stream<Heartbeat> silent(Duration atLeast, long now) {
    return heard.values().stream()
        .filter(last -> now - last.at() >= atLeast.toNanos())
        .map(Heard::heartbeat);
  }

  /** An incarnation is dead, and its silence means nothing more. */
  public RollCall forget(String incarnation) {
    return new RollCall(heard.minus(incarnation), expected);
  }

  /** The ReplicaManager's view; a host new in it gets its full time to be heard. */
  public RollCall expect(Map<HostId, String> alive, long now) {
    var next = new HashMap<HostId, Expected>();
    alive.forEach(
        (host, incarnation) -> {
          @Nullable Expected known = expected.get(host);
          next.put(
              host,
              known != null && known.incarnation().equals(incarnation)
                  ? known
                  : new Expected(incarnation, now));
        });
    return next.equals(expected) ? this : new RollCall(heard, HashTreePMap.from(next));
  }

  /** The observer itself was paused until now: nobody's silence counts for that time. */
  public RollCall paused(Duration pause, long now) {
    var nanos = pause.toNanos();
    PMap<String, Heard> shifted = HashTreePMap.empty();
    for (var entry : heard.entrySet()) {
      var was = entry.getValue();
      var at = earlier(was.at() + nanos, now);
      shifted = shifted.plus(entry.getKey(), new Heard(was.heartbeat(), at));
    }
    PMap<HostId, Expected> since = HashTreePMap.empty();
    for (var entry : expected.entrySet()) {
      var was = entry.getValue();
      var at = earlier(was.since() + nanos, now);
      since = since.plus(entry.getKey(), new Expected(was.incarnation(), at));
    }
    return new RollCall(shifted, since);
  }

  /** What was heard while the pause was not yet noticed is not moved beyond now. */
  private static long earlier(long a, long b) {
    return a - b < 0 ? a : b;
  }

  /** How long each expected host has been silent. */
  public Stream<Silence> silences(long now) {
    return expected.entrySet().stream()
        .map(entry -> silence(entry.getKey(), entry.getValue(), now));
  }

  /** The incarnations last heard from a node at such an address. */
  public Stream<String> at(Predicate<String> address) {
    return heard.values().stream()
        .map(Heard::heartbeat)
        .filter(heartbeat -> address.test(heartbeat.address()))
        .map(Heartbeat::incarnation);
  }

  private Silence silence(HostId host, Expected waited, long now) {
    @Nullable Heard last = heard.get(waited.incarnation());
    var silent =
        last == null ? now - waited.since() : Math.min(now - last.at(), now - waited.since());
    return new Silence(
        host,
        waited.incarnation(),
        Optional.ofNullable(last).map(h -> h.heartbeat().address()),
        Duration.ofNanos(Math.max(0, silent)));
  }
}
