package io.understudy.launcher;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.understudy.model.TimeRange;
import io.understudy.superwatchdog.SuperWatchDogSettings;
import io.understudy.wire.MalformedText;
import io.understudy.wire.Section;
import java.time.Duration;
import java.util.List;

/**
 * Refuses what a node's parts could read and not work with, before any of them starts: a node that
 * beats every 0 ms is worse than none. Throws {@link MalformedText}.
 *
 * @param config the whole configuration of a node
 */
record SettingsRange(Config config) {
  private static final List<String> POSITIVE =
      List.of(
          "lease.duration",
          "guard.timeout",
          "watchdog.heartbeat-interval",
          "watchdog.report-repeat",
          "watchdog.log.check-interval",
          "watchdog.api.adoption-timeout",
          "watchdog.api.answer-timeout",
          "superwatchdog.interval",
          "superwatchdog.knock-after",
          "superwatchdog.put-out-after",
          "superwatchdog.manager-timeout",
          "manager.resend-interval",
          "manager.heartbeat-interval",
          "manager.stop-timeout");

  private static final List<String> PERHAPS_ZERO =
      List.of("lease.stopping", "watchdog.shutdown-grace", "superwatchdog.processes-die-within");

  private static final Duration SHORTEST_BEAT = Duration.ofMillis(10);

  void check() {
    POSITIVE.forEach(path -> time(path, TimeRange.POSITIVE));
    PERHAPS_ZERO.forEach(path -> time(path, TimeRange.ANY));
    whole("watchdog.log.keep", 0, Integer.MAX_VALUE);
    whole("watchdog.api.port", 0, 65_535);
    whole("manager.snapshot-every", 1, Integer.MAX_VALUE);
    read("guard.enabled", "write true or false", Config::getBoolean);
    read("watchdog.log.max-size", "write a size with its unit, as in 10MiB", Config::getMemorySize);
    read("watchdog.allowed-paths", "write a list, as in [\"/usr/bin\"]", Config::getStringList);
    read("lease.clock-drift", "write a number, as in 0.02", Config::getDouble);
    terms();
  }

  private void terms() {
    try {
      var terms = SuperWatchDogSettings.terms(config.getConfig("understudy"));
      if (terms.beats(Duration.ofDays(1)).compareTo(SHORTEST_BEAT) < 0) {
        throw new IllegalArgumentException(
            "a lease of %s, of which %s to stop, leaves no time to renew it: make duration at least 40"
                    .formatted(terms.lease(), terms.stopping())
                + " ms longer than stopping");
      }
    } catch (IllegalArgumentException e) {
      throw new MalformedText("settings: understudy.lease: " + e.getMessage());
    }
  }

  private void time(String path, TimeRange range) {
    try {
      Duration time = config.getDuration("understudy." + path);
      if (!range.has(time)) {
        throw wrong(path, range.remedy());
      }
    } catch (ConfigException e) {
      throw wrong(path, "write a number with its unit, as in 500ms, 2s or 1h");
    } catch (ArithmeticException e) {
      throw wrong(path, range.remedy());
    }
  }

  private void whole(String path, long least, long most) {
    var unused = block(path).whole(key(path), value(path), least, most);
  }

  @FunctionalInterface
  private interface Reader {
    Object read(Config config, String path);
  }

  private void read(String path, String remedy, Reader reader) {
    try {
      var unused = reader.read(config, "understudy." + path);
    } catch (ConfigException e) {
      throw wrong(path, remedy);
    }
  }

  private MalformedText wrong(String path, String remedy) {
    return block(path).wrong(key(path), value(path), remedy);
  }

  private ConfigValue value(String path) {
    return block(path).require(key(path), "leave it out, or give a value");
  }

  private Section block(String path) {
    var parent = "understudy." + path.substring(0, path.lastIndexOf('.'));
    if (config.root().toConfig().hasPath(parent)
        && config.getValue(parent) instanceof ConfigObject block) {
      return new Section("settings", parent, block);
    }
    throw new MalformedText(
        "settings: %s is not a block; write %s { ... }".formatted(parent, parent));
  }

  private static String key(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }
}
