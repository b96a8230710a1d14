package io.understudy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Where and with what the figures were taken. */
final class Machine {
  private static final double KIB_PER_GIB = 1024.0 * 1024.0;

  private Machine() {}

  static Map<String, String> facts() {
    var facts = new LinkedHashMap<String, String>();
    facts.put("processor", found("/proc/cpuinfo", "model name").orElse("unknown"));
    facts.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
    facts.put("memory", memory());
    facts.put("kernel", "%s %s".formatted(property("os.name"), property("os.version")));
    facts.put("load before", load());
    return facts;
  }

  static Map<String, String> versions() {
    var versions = new LinkedHashMap<String, String>();
    versions.put("understudy", ofJar(Machine.class));
    versions.put("jdk", "%s %s".formatted(property("java.vendor"), property("java.vm.version")));
    versions.put("pekko", org.apache.pekko.Version.current());
    versions.put("h2", org.h2.engine.Constants.VERSION);
    return versions;
  }

  private static String ofJar(Class<?> type) {
    return Optional.ofNullable(type.getPackage().getImplementationVersion())
        .orElse("(not packaged)");
  }

  private static String memory() {
    return found("/proc/meminfo", "MemTotal")
        .map(total -> Double.parseDouble(total.split(" ", 2)[0]) / KIB_PER_GIB)
        .map("%.1f GiB"::formatted)
        .orElse("unknown");
  }

  private static String load() {
    try {
      return Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static Optional<String> found(String file, String key) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.split(":", 2)[1].strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String property(String name) {
    return System.getProperty(name, "unknown");
  }
}
