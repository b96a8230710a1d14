package io.understudy.wire;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.understudy.model.Copy;
import io.understudy.model.FailoverStrategy;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.Readiness;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.RestartPolicy;
import io.understudy.model.RunningCopy;
import io.understudy.model.TimeRange;
import io.understudy.wire.ModuleFile.Read;
import io.understudy.wire.Section.Choice;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Reads the blocks of a module file; throws {@link MalformedText}. */
final class ModuleReader {
  static final List<Choice<ReplicationStyle>> STYLES =
      List.of(
          new Choice<>("cold", ReplicationStyle.COLD),
          new Choice<>("warm", ReplicationStyle.WARM),
          new Choice<>("hot", ReplicationStyle.HOT));
  static final List<Choice<Readiness.When>> READY =
      List.of(
          new Choice<>("started", Readiness.When.STARTED),
          new Choice<>("api", Readiness.When.MODULE_API),
          new Choice<>("sanity", Readiness.When.SANITY_CHECK));
  private static final List<String> KEYS =
      List.of(
          "module",
          "style",
          "degree",
          "failover",
          "detection",
          "ready",
          "restart",
          "stop-grace",
          "state",
          "arguments",
          "copies",
          "running");

  private final ModuleId module;
  private final Section top;

  private ModuleReader(ModuleId module, Section top) {
    this.module = module;
    this.top = top;
  }

  /**
   * Reads a module file.
   *
   * @param named the module that it must be about; it need not name it then
   */
  static Read.Module read(ConfigObject root, Optional<ModuleId> named) {
    var section = new Section("module file", "", root);
    var written = section.text("module").map(text -> name(section, "module", ModuleId::new, text));
    var module =
        written
            .or(() -> named)
            .orElseThrow(
                () -> new MalformedText("module file: module is missing; add module = NAME"));
    named
        .filter(name -> !name.equals(module))
        .ifPresent(
            name -> {
              throw section.malformed(
                  "module", "= %s is not %s, as the address says".formatted(module, name));
            });
    return new ModuleReader(module, new Section("module " + module, "", root)).read();
  }

  private Read.Module read() {
    top.allowing(KEYS);
    var style = top.choice("style", STYLES).orElseThrow(this::withoutStyle);
    var arguments = top.texts("arguments").orElse(List.of());
    var copies =
        top
            .sections("copies", "list them, as in copies = [ { host = H1, location = /path } ]")
            .stream()
            .map(copy -> copy(copy, arguments))
            .toList();
    var spec =
        new ModuleSpec(
            module,
            style,
            degree(style, copies.size()),
            failover(),
            new DetectionReader(top).read(),
            readiness(),
            restart(),
            top.time("stop-grace", TimeRange.ANY).orElse(ModuleSpec.DEFAULT_STOP_GRACE),
            new StateReader(top).read(),
            copies);
    return new Read.Module(spec, top.section("running").map(this::running));
  }

  private MalformedText withoutStyle() {
    return new MalformedText(
        top.subject() + ": style is missing; write style = cold or warm or hot");
  }

  /** Cold, the degree is the number of hosts it can be run from; the others must say. */
  private int degree(ReplicationStyle style, int copies) {
    return top.integer("degree")
        .or(() -> style == ReplicationStyle.COLD ? Optional.of(copies) : Optional.empty())
        .orElseThrow(
            () ->
                new MalformedText(
                    "%s: degree is missing; write how many copies are to run, as in degree = %d"
                        .formatted(top.subject(), Math.max(1, Math.min(2, copies)))));
  }

  private FailoverStrategy failover() {
    var each =
        new Choice<FailoverStrategy>("on-each-failure", new FailoverStrategy.OnEachFailure());
    var over = "{ on-over-threshold = N }";
    return top.find("failover")
        .map(
            value ->
                value instanceof ConfigObject block
                    ? overThreshold(new Section(top.subject(), "failover", block))
                    : top.chosen(
                        "failover",
                        String.valueOf(value.unwrapped()),
                        List.of(each, new Choice<>(over, each.value()))))
        .orElseGet(each::value);
  }

  private FailoverStrategy overThreshold(Section block) {
    block.allowing(List.of("on-over-threshold"));
    var key = "on-over-threshold";
    block.require(key, "write failover = { on-over-threshold = N }");
    return new FailoverStrategy.OnOverThreshold(block.integer(key).orElseThrow());
  }

  private Readiness readiness() {
    var normal = Readiness.DEFAULT;
    var value = top.find("ready");
    if (value.filter(ConfigObject.class::isInstance).isEmpty()) {
      return new Readiness(top.choice("ready", READY).orElse(normal.when()), normal.deadline());
    }
    var block = top.section("ready").orElseThrow().allowing(List.of("when", "deadline"));
    return new Readiness(
        block.choice("when", READY).orElse(normal.when()),
        block.time("deadline", TimeRange.POSITIVE).orElse(normal.deadline()));
  }

  private RestartPolicy restart() {
    return top.section("restart").map(ModuleReader::restart).orElse(RestartPolicy.DEFAULT);
  }

  private static RestartPolicy restart(Section block) {
    block.allowing(
        List.of("failure-window", "cool-down", "backoff-min", "backoff-max", "stable-after"));
    var normal = RestartPolicy.DEFAULT;
    Duration min = block.time("backoff-min", TimeRange.POSITIVE).orElse(normal.backoffMin());
    Duration max = block.time("backoff-max", TimeRange.POSITIVE).orElse(normal.backoffMax());
    if (max.compareTo(min) < 0) {
      throw block.malformed(
          block.find("backoff-max").isPresent() ? "backoff-max" : "backoff-min",
          "makes the longest wait shorter than the first; raise backoff-max or lower backoff-min");
    }
    return new RestartPolicy(
        block.time("failure-window", TimeRange.POSITIVE).orElse(normal.failureWindow()),
        block.time("cool-down", TimeRange.ANY).orElse(normal.coolDown()),
        min,
        max,
        block.time("stable-after", TimeRange.ANY).orElse(normal.stableAfter()));
  }

  private static Copy copy(Section block, List<String> arguments) {
    block.allowing(List.of("host", "location", "arguments"));
    return new Copy(
        host(block),
        Location.parse(
            block.requireText(
                "location", "write the path of the executable, or actor: and a class name")),
        block.texts("arguments").orElse(arguments));
  }

  private RunningCopy running(Section block) {
    block.allowing(List.of("host", "pid"));
    ConfigValue pid = block.require("pid", "write the process id of the running copy");
    return new RunningCopy(host(block), block.whole("pid", pid, 1, Long.MAX_VALUE));
  }

  private static HostId host(Section block) {
    return name(block, "host", HostId::new, block.requireText("host", "write the name of a host"));
  }

  /** A name, whose rule its own constructor knows. */
  private static <T> T name(Section block, String key, Function<String, T> type, String text) {
    try {
      return type.apply(text);
    } catch (IllegalArgumentException e) {
      throw block.malformed(key, "is not possible: " + e.getMessage());
    }
  }

  /** How a name is written in a module file. */
  static <T> String written(List<Choice<T>> choices, T value) {
    return choices.stream()
        .filter(choice -> choice.value().equals(value))
        .map(Choice::name)
        .findFirst()
        .orElseGet(() -> value.toString().toLowerCase(Locale.ROOT));
  }
}
