package io.understudy.superwatchdog;

import io.understudy.model.HostId;
import io.understudy.superwatchdog.Lives.Life;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostHeard;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostsHeard;
import io.understudy.superwatchdog.SuperWatchDogProtocol.RingView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What a SuperWatchDog shows of what it knows at a moment.
 *
 * @param suspected whether a subject's silence is longer than its rhythm explains
 * @param now of its monotonic clock, in nanoseconds
 */
record Shown(Jury jury, LeaseTerms terms, Predicate<String> suspected, long now) {

  RingView ring(HostId self, Ring ring) {
    var from = ring.predecessor(self);
    var life =
        from.flatMap(host -> Optional.ofNullable(jury.peers().nodes().get(host)))
            .flatMap(node -> Optional.ofNullable(jury.lives().of(node)));
    return new RingView(
        self,
        ring.isPrimary(self),
        ring.successor(self),
        life.flatMap(heard -> from),
        life.map(this::silentMillis).orElse(0L));
  }

  Electors electors() {
    return new Electors(jury.peers().nodes(), jury.me().most());
  }

  /** Of those that the ReplicaManager expects. */
  HostsHeard hosts(Map<HostId, String> expected) {
    var heard = new ArrayList<HostHeard>();
    expected.forEach(
        (host, incarnation) ->
            Optional.ofNullable(jury.lives().of(incarnation))
                .map(life -> heard(host, incarnation, life))
                .ifPresent(heard::add));
    return new HostsHeard(heard);
  }

  private HostHeard heard(HostId host, String incarnation, Life life) {
    var left = terms.waitNanos() - (now - life.grantedAt());
    return new HostHeard(
        host,
        incarnation,
        suspected.test(incarnation) || jury.accused(incarnation),
        silentMillis(life),
        Math.max(0, Duration.ofNanos(left).toMillis()));
  }

  private long silentMillis(Life life) {
    return Duration.ofNanos(now - life.heardAt()).toMillis();
  }
}
