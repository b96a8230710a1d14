package io.understudy.superwatchdog;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * How a SuperWatchDog watches.
 *
 * @param interval from one look to the next, and from one ring heartbeat to the next
 * @param knockAfter a host that is silent for so long is asked whether its node still listens
 * @param hostTimeout a host that is silent for so long is presumed dead
 * @param managerTimeout a ReplicaManager that is silent for so long is restarted
 */
public record SuperWatchDogSettings(
    Duration interval, Duration knockAfter, Duration hostTimeout, Duration managerTimeout) {

  public static SuperWatchDogSettings from(Config understudy) {
    var config = understudy.getConfig("superwatchdog");
    return new SuperWatchDogSettings(
        config.getDuration("interval"),
        config.getDuration("knock-after"),
        config.getDuration("host-timeout"),
        config.getDuration("manager-timeout"));
  }
}
