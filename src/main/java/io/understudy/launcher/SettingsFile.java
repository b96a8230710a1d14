package io.understudy.launcher;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import io.understudy.wire.MalformedText;
import io.understudy.wire.Section;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads an operator's settings and lays them over the defaults; refuses keys nobody reads. */
final class SettingsFile {
  private SettingsFile() {}

  /**
   * The whole configuration of a node.
   *
   * @param given on the command line, by path; they come before the file
   */
  static Config load(Optional<Path> file, Map<String, Object> given) {
    var defaults = defaults();
    try {
      var own = file.map(SettingsFile::parse).orElseGet(ConfigFactory::empty);
      var options = ConfigFactory.parseMap(given, "command line");
      var whole = options.withFallback(own).withFallback(defaults).resolve();
      file.ifPresent(
          path -> check("settings file " + path, own.resolveWith(whole).root(), defaults));
      check("command line", options.root(), defaults);
      return whole;
    } catch (MalformedText e) {
      throw new Complaint(Complaint.USAGE, String.valueOf(e.getMessage()));
    } catch (ConfigException e) {
      throw new Complaint(
          Complaint.USAGE,
          "settings%s: %s"
              .formatted(
                  file.map(path -> " file " + path).orElse(""),
                  String.valueOf(e.getMessage()).replace('\n', ' ')));
    }
  }

  /** Values as they are written in a file: a list is [a, b]. */
  static Map<String, Object> values(Map<String, String> texts) {
    var values = new HashMap<String, Object>();
    texts.forEach((path, text) -> values.put(path, value(path, text)));
    return values;
  }

  private static Object value(String path, String text) {
    try {
      var read = ConfigFactory.parseString("value = %s, end = 1".formatted(text)).root();
      if (read.size() == 2 && read.get("end") != null) { // else # or // has cut it off
        return read.toConfig().getValue("value").unwrapped();
      }
    } catch (ConfigException e) {
      throw unreadable(path, text);
    }
    throw unreadable(path, text);
  }

  private static Complaint unreadable(String path, String text) {
    return new Complaint(
        Complaint.USAGE,
        "%s = %s cannot be read; put texts with special characters in double quotes"
            .formatted(path, text));
  }

  /** Ours come before the libraries', whatever the order of the jars. */
  private static Config defaults() {
    return ConfigFactory.parseResources("understudy-cluster.conf")
        .withFallback(ConfigFactory.parseResources("understudy-manager.conf"))
        .withFallback(ConfigFactory.parseResources("understudy-watchdog.conf"))
        .withFallback(ConfigFactory.defaultReferenceUnresolved());
  }

  private static Config parse(Path file) {
    if (!Files.isReadable(file)) {
      throw new Complaint(
          Complaint.USAGE,
          "settings file %s cannot be read; give the path of a file that exists".formatted(file));
    }
    return ConfigFactory.parseFile(
        file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
  }

  /** Our keys to the last level; of the libraries' only the first, since they have their own. */
  private static void check(String subject, ConfigObject given, Config defaults) {
    var known = defaults.root();
    new Section(subject, "", given).allowing(List.copyOf(known.keySet()));
    var own = given.get("understudy");
    if (own instanceof ConfigObject block
        && known.get("understudy") instanceof ConfigObject ourKeys) {
      checkBlock(new Section(subject, "understudy", block), ourKeys);
    } else if (own != null) {
      throw new Section(subject, "", given)
          .wrong("understudy", own, "write a block, as in understudy { host = H1 }");
    }
  }

  private static void checkBlock(Section given, ConfigObject known) {
    given.allowing(List.copyOf(known.keySet()));
    for (String key : given.block().keySet()) {
      ConfigValue normal = known.get(key);
      if (normal instanceof ConfigObject inner) {
        given.section(key).ifPresent(section -> checkBlock(section, inner));
      }
    }
  }
}
