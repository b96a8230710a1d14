package io.understudy.manager;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * How the ReplicaManager works.
 *
 * @param resendInterval after which an order that no report answered is sent again
 * @param heartbeatInterval of the heartbeats to the SuperWatchDog ([0026])
 * @param snapshotEvery so many events; two snapshots are kept
 * @param stopTimeout for a ReplicaManager that is told to begin anew; after that its thread is
 *     interrupted, and after the same time again its node gives up
 */
public record ManagerSettings(
    Duration resendInterval, Duration heartbeatInterval, int snapshotEvery, Duration stopTimeout) {

  public static ManagerSettings from(Config understudy) {
    var manager = understudy.getConfig("manager");
    return new ManagerSettings(
        manager.getDuration("resend-interval"),
        manager.getDuration("heartbeat-interval"),
        manager.getInt("snapshot-every"),
        manager.getDuration("stop-timeout"));
  }
}
