package io.understudy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What one run of a benchmark says: to a person as a table, to a program as JSON. */
final class Report {
  private static final int WIDEST_NAME = 66;
  private static final int MOST_VALUES = 10_000;

  private final String command;
  private final Instant started;
  private final Map<String, String> machine = Machine.facts();
  private final Map<String, String> versions = Machine.versions();
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final List<Measurement> measurements = new ArrayList<>();

  Report(String command, Instant started) {
    this.command = command;
    this.started = started;
  }

  void setting(String name, Object value) {
    settings.put(name, value.toString());
  }

  void add(Measurement measurement) {
    measurements.add(measurement);
  }

  String header() {
    var out = new StringBuilder("%s, %s%n".formatted(command, started));
    List.of(machine, versions, settings)
        .forEach(part -> part.forEach((k, v) -> out.append("  %-22s %s%n".formatted(k, v))));
    return out.toString();
  }

  static String columns() {
    return "%n%-66s %5s %10s %10s %10s %10s %-9s %s%n"
        .formatted("", "n", "median", "p99", "min", "max", "unit", "promised");
  }

  static String row(Measurement m) {
    var bar = m.bar();
    var verdict = bar.isNone() ? "" : bar.text() + (bar.isMet(m) ? " met" : " MISSED");
    return "%-66s %5d %10.2f %10.2f %10.2f %10.2f %-9s %s%n"
        .formatted(
            shortened(m.what()), m.n(), m.median(), m.p99(), m.min(), m.max(), m.unit(), verdict);
  }

  private static String shortened(String what) {
    return what.length() <= WIDEST_NAME ? what : what.substring(0, WIDEST_NAME);
  }

  void write(Path file) throws IOException {
    var parent = file.toAbsolutePath().getParent();
    Files.createDirectories(parent);
    new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), json());
  }

  private Map<String, Object> json() {
    var all = new LinkedHashMap<String, Object>();
    all.put("command", command);
    all.put("started", started.toString());
    all.put("machine", machine);
    all.put("versions", versions);
    all.put("settings", settings);
    all.put("measurements", measurements.stream().map(Report::json).toList());
    return all;
  }

  private static Map<String, Object> json(Measurement m) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("id", m.id());
    fields.put("what", m.what());
    fields.put("unit", m.unit());
    fields.put("n", m.n());
    fields.put("median", m.median());
    fields.put("p99", m.p99());
    fields.put("min", m.min());
    fields.put("max", m.max());
    if (!m.bar().isNone()) {
      fields.put("promised", m.bar().text());
      fields.put("met", m.bar().isMet(m));
    }
    if (m.n() <= MOST_VALUES) {
      fields.put("values", m.values());
    }
    return fields;
  }
}
