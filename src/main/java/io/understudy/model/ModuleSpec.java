package io.understudy.model;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A registration: what is protected, where its copies reside, and how they are protected ([0015]).
 *
 * @param copies in the order in which they are preferred
 * @param stopGrace from SIGTERM to SIGKILL when a copy is stopped
 * @param state how the module's state is kept; empty for one that has none, or keeps it itself
 */
public record ModuleSpec(
    ModuleId module,
    ReplicationStyle style,
    int degree,
    FailoverStrategy failover,
    Detection detection,
    Readiness readiness,
    RestartPolicy restart,
    Duration stopGrace,
    Optional<StateSpec> state,
    List<Copy> copies) {
  public static final Duration DEFAULT_STOP_GRACE = Duration.ofSeconds(2);

  public ModuleSpec {
    state = Objects.requireNonNullElse(state, Optional.empty()); // journals of before there was any
    copies = List.copyOf(copies);
  }

  /** A registration with the defaults for all that is not named. */
  public static ModuleSpec of(
      ModuleId module, ReplicationStyle style, int degree, List<Copy> copies) {
    return new ModuleSpec(
        module,
        style,
        degree,
        new FailoverStrategy.OnEachFailure(),
        Detection.Polling.DEFAULT,
        Readiness.DEFAULT,
        RestartPolicy.DEFAULT,
        DEFAULT_STOP_GRACE,
        Optional.empty(),
        copies);
  }

  public ModuleSpec withFailover(FailoverStrategy strategy) {
    return new ModuleSpec(
        module, style, degree, strategy, detection, readiness, restart, stopGrace, state, copies);
  }

  public ModuleSpec withDetection(Detection how) {
    return new ModuleSpec(
        module, style, degree, failover, how, readiness, restart, stopGrace, state, copies);
  }

  public ModuleSpec withReadiness(Readiness ready) {
    return new ModuleSpec(
        module, style, degree, failover, detection, ready, restart, stopGrace, state, copies);
  }

  public ModuleSpec withRestart(RestartPolicy policy) {
    return new ModuleSpec(
        module, style, degree, failover, detection, readiness, policy, stopGrace, state, copies);
  }

  public ModuleSpec withState(StateSpec kept) {
    return new ModuleSpec(
        module,
        style,
        degree,
        failover,
        detection,
        readiness,
        restart,
        stopGrace,
        Optional.of(kept),
        copies);
  }

  /** How many copies run while enough hosts live: one if cold, else the degree ([0015]). */
  public int runningCopies() {
    return style == ReplicationStyle.COLD ? 1 : degree;
  }

  /** Why this cannot be registered, with the remedy, or empty when it can (resolution n). */
  public Optional<String> refusal() {
    return Stream.of(
            copiesRefusal(),
            locationRefusal(),
            commandLineRefusal(),
            degreeRefusal(),
            failoverRefusal(),
            timesRefusal(),
            sanityRefusal(),
            state.flatMap(kept -> kept.refusal(style)))
        .flatMap(Optional::stream)
        .findFirst()
        .map(reason -> "module %s: %s".formatted(module, reason));
  }

  /** What is accepted but hardly meant, or empty. */
  public Optional<String> warning() {
    return style != ReplicationStyle.COLD && degree == 1
        ? Optional.of(
            "module %s: degree 1 runs a single copy, so each failure interrupts it; %s %s"
                .formatted(
                    module,
                    "raise the degree to 2 or more, or register it cold with a",
                    "degree of %d".formatted(copies.size())))
        : Optional.empty();
  }

  private Optional<String> copiesRefusal() {
    if (copies.isEmpty()) {
      return Optional.of("no copies are listed; list at least 1 host with the module's location");
    }
    var seen = new HashSet<HostId>();
    return copies.stream()
        .map(Copy::host)
        .filter(host -> !seen.add(host))
        .findFirst()
        .map(
            host ->
                "host %s is listed twice; list each host once, copies of a module live on %s"
                    .formatted(host, "different hosts"));
  }

  private Optional<String> locationRefusal() {
    return copies.stream()
        .filter(copy -> !copy.location().isPlace())
        .findFirst()
        .map(
            copy ->
                "location \"%s\" of host %s is no place; write the whole path of the executable there,"
                        .formatted(copy.location().text(), copy.host())
                    + " as in /opt/%s/run, or actor: and a class name".formatted(module));
  }

  private Optional<String> commandLineRefusal() {
    var check =
        detection instanceof Detection.Polling polling
                && polling.sanity().orElse(null) instanceof SanityCheck.Command(var command)
            ? Stream.of(new CommandLine("the sanity check", command))
            : Stream.<CommandLine>empty();
    var all = Stream.concat(copies.stream().map(CommandLine::of), check).toList();
    var bytes = all.stream().mapToLong(CommandLine::bytes).sum();
    return all.stream()
        .flatMap(line -> line.refusal().stream())
        .findFirst()
        .or(
            () ->
                bytes > CommandLine.MOST_BYTES
                    ? Optional.of(
                        "its command lines have %d bytes together, and %d is the most; hand over long"
                                .formatted(bytes, CommandLine.MOST_BYTES)
                            + " arguments in a file")
                    : Optional.empty());
  }

  private Optional<String> degreeRefusal() {
    var hosts = copies.stream().map(copy -> copy.host().value()).collect(Collectors.joining(", "));
    var listed = copies.size();
    if (degree < 1) {
      return Optional.of("degree %d is not possible; give a degree of 1 or more".formatted(degree));
    }
    if (degree > listed) {
      return Optional.of(
          "degree %d needs %d hosts, %d %s listed (%s); list %d more %s or lower the degree"
              .formatted(
                  degree,
                  degree,
                  listed,
                  listed == 1 ? "is" : "are",
                  hosts,
                  degree - listed,
                  degree - listed == 1 ? "host" : "hosts"));
    }
    if (style == ReplicationStyle.COLD && degree != listed) {
      return Optional.of(
          "cold, the degree is the number of hosts it can run from: degree %d, %d are listed (%s);"
                  .formatted(degree, listed, hosts)
              + " set degree = %d or list %d".formatted(listed, degree));
    }
    return Optional.empty();
  }

  private Optional<String> failoverRefusal() {
    return failover.threshold() < 1
        ? Optional.of(
            "threshold %d is not possible; give the number of the failure that migrates, 1 or more"
                .formatted(failover.threshold()))
        : Optional.empty();
  }

  private Optional<String> timesRefusal() {
    var detecting =
        switch (detection) {
          case Detection.Polling polling ->
              Stream.of(
                  new Limited("polling interval", polling.interval(), TimeRange.POSITIVE),
                  new Limited("polling timeout", polling.timeout(), TimeRange.POSITIVE));
          case Detection.Heartbeat heartbeat ->
              Stream.of(new Limited("heartbeat timeout", heartbeat.timeout(), TimeRange.POSITIVE));
        };
    var longer = TimeRange.from(restart.backoffMin());
    var others =
        Stream.of(
            new Limited("readiness deadline", readiness.deadline(), TimeRange.POSITIVE),
            new Limited("failure window", restart.failureWindow(), TimeRange.POSITIVE),
            new Limited("least back-off", restart.backoffMin(), TimeRange.POSITIVE),
            new Limited("greatest back-off", restart.backoffMax(), longer),
            new Limited("cool-down", restart.coolDown(), TimeRange.ANY),
            new Limited("time after which a run is stable", restart.stableAfter(), TimeRange.ANY),
            new Limited("stop grace", stopGrace, TimeRange.ANY));
    var keeping = state.stream().flatMap(ModuleSpec::limits);
    return Stream.of(detecting, others, keeping)
        .flatMap(limits -> limits)
        .map(limit -> limit.range().refusal(limit.name(), limit.time()))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Stream<Limited> limits(StateSpec state) {
    var times =
        Stream.of(
            new Limited("state interval", state.interval(), TimeRange.POSITIVE),
            new Limited("in-sync timeout", state.inSyncTimeout(), TimeRange.IN_SYNC_TIMEOUT));
    return state.checkpoint() instanceof CheckpointPolicy.Periodic(var updates, var time)
        ? Stream.concat(
            times, Stream.of(new Limited("checkpoint interval", time, TimeRange.POSITIVE)))
        : times;
  }

  private Optional<String> sanityRefusal() {
    var needed = readiness.when() == Readiness.When.SANITY_CHECK;
    var actorsOnly =
        copies.stream().allMatch(copy -> copy.location() instanceof Location.ActorClass);
    var checked =
        actorsOnly
            || (detection instanceof Detection.Polling polling && polling.sanity().isPresent());
    return needed && !checked
        ? Optional.of(
            "ready = sanity needs a sanity check; add detection.polling.sanity, or use ready = api"
                + " or ready = started")
        : Optional.empty();
  }

  /** A time and what it may be. */
  private record Limited(String name, Duration time, TimeRange range) {}
}
