package io.understudy.superwatchdog;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * How a SuperWatchDog watches.
 *
 * @param interval from one look to the next, and from one ring heartbeat to the next, while
 *     something goes on ({@link Pace})
 * @param beats from one heartbeat of a WatchDog to the next
 * @param knockAfter a host that is silent for so long is asked whether its node still listens
 * @param terms of the hosts' leases
 * @param dying how long the processes of a dead node may live on, until they too are killed
 * @param several whether there are to be several SuperWatchDogs, so that leases are never off
 * @param managerTimeout a ReplicaManager that is silent for so long is restarted
 */
public record SuperWatchDogSettings(
    Duration interval,
    Duration beats,
    Duration knockAfter,
    LeaseTerms terms,
    Duration dying,
    boolean several,
    Duration managerTimeout) {

  /** From the block {@code understudy}. */
  public static SuperWatchDogSettings from(Config understudy) {
    var config = understudy.getConfig("superwatchdog");
    return new SuperWatchDogSettings(
        config.getDuration("interval"),
        understudy.getDuration("watchdog.heartbeat-interval"),
        config.getDuration("knock-after"),
        terms(understudy),
        config.getDuration("processes-die-within"),
        understudy.getStringList("seeds").size() > 1,
        config.getDuration("manager-timeout"));
  }

  /** The same on every node of a cluster. */
  public static LeaseTerms terms(Config understudy) {
    var config = understudy.getConfig("lease");
    return new LeaseTerms(
        config.getDuration("duration"),
        config.getDuration("stopping"),
        config.getDouble("clock-drift"));
  }
}
