package io.understudy.watchdog;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The settings under {@code understudy.watchdog}; understudy-watchdog.conf explains them.
 *
 * @param data the folder that holds the folder {@code copies}
 * @param allowedPaths programs must lie under one of them
 */
public record WatchDogSettings(
    Path data,
    List<Path> allowedPaths,
    Duration heartbeatInterval,
    Duration reportRepeat,
    Duration shutdownGrace,
    String shell,
    Log log,
    Api api) {
  /** The logs of copies; the size in bytes, the number of rotated files to keep. */
  public record Log(long maxSize, int keep, Duration checkInterval) {}

  /**
   * Where the module API listens; port 0 takes any that is free.
   *
   * @param answerTimeout of what waits for other copies or the Checkpoint Server
   */
  public record Api(String address, int port, Duration adoptionTimeout, Duration answerTimeout) {}

  public WatchDogSettings {
    allowedPaths = List.copyOf(allowedPaths);
  }

  /** Reads them from a node's whole configuration. */
  public static WatchDogSettings from(Config root) {
    var config = root.getConfig("understudy.watchdog");
    return new WatchDogSettings(
        Path.of(config.getString("data")).toAbsolutePath(),
        config.getStringList("allowed-paths").stream().map(Path::of).toList(),
        config.getDuration("heartbeat-interval"),
        config.getDuration("report-repeat"),
        config.getDuration("shutdown-grace"),
        config.getString("shell"),
        new Log(
            config.getMemorySize("log.max-size").toBytes(),
            config.getInt("log.keep"),
            config.getDuration("log.check-interval")),
        new Api(
            config.getString("api.address"),
            config.getInt("api.port"),
            config.getDuration("api.adoption-timeout"),
            config.getDuration("api.answer-timeout")));
  }
}
