package io.understudy.table;

import io.understudy.model.CopyStatus;
import io.understudy.model.HostId;
import io.understudy.model.ReplicationStyle;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * How a module's copies leave drained hosts: one at a time, each only when its work is as safe
 * without it, and until then it goes on where it is.
 */
record Draining(ModuleRow row, Placement placement, CopyEvents events) {
  Draining(ModuleRow row, Hosts hosts) {
    this(row, new Placement(row, hosts), new CopyEvents(row, hosts));
  }

  /** Some copy of the module is to leave its host. */
  boolean isUnderWay() {
    return leaving().findAny().isPresent();
  }

  private Stream<CopyRow> leaving() {
    return row.active().filter(copy -> copy.wanted() && placement.isDrained(copy));
  }

  /** What failed there and need not be recovered there. */
  Optional<TableEvent> resolve(CopyRow failed) {
    if (!placement.isDrained(failed)) {
      return Optional.empty();
    }
    if (mayLeave(failed)) {
      return Optional.of(leave(failed));
    }
    return givesItsWorkUp(failed)
        ? Optional.of(events.demote(failed, "its host is drained and another copy runs"))
        : Optional.empty();
  }

  /** It restarts as a backup where it must stay, if its work can go on without it. */
  private boolean givesItsWorkUp(CopyRow primary) {
    var many = primary.failures() >= row.spec().failover().threshold();
    return row.spec().style() == ReplicationStyle.WARM
        && primary.isPrimary()
        && row.active().anyMatch(copy -> copy.mayLive() && (many || !placement.isDrained(copy)));
  }

  /** What waits for its restart on a drained host need not wait for it there. */
  Optional<TableEvent> leaveDead() {
    return leaving()
        .filter(copy -> copy.waitsUntil().isPresent() && mayLeave(copy))
        .findFirst()
        .map(this::leave);
  }

  private TableEvent leave(CopyRow dead) {
    return events.release(dead, "its host is drained and another can run it");
  }

  /** Without this one of a drained host as many run as are to, or soon will; or another can. */
  private boolean mayLeave(CopyRow leaver) {
    var others =
        row.active()
            .filter(copy -> !copy.id().equals(leaver.id()))
            .filter(copy -> copy.isRunning() || (copy.mayLive() && placement.isTrusted(copy)));
    return others.count() >= row.spec().runningCopies() || placement.refuge().isPresent();
  }

  /** The work of a primary leaves its drained host as soon as another copy can do it. */
  Optional<TableEvent> handOver(CopyRow primary) {
    if (!placement.isDrained(primary)) {
      return Optional.empty();
    }
    var why = row.spec().style() == ReplicationStyle.COLD ? hostThatCan() : backupThatCan(primary);
    return why.map(text -> events.cease(primary, "its host is drained and " + text));
  }

  private Optional<String> hostThatCan() {
    return placement.refuge().map(copy -> "%s can run it".formatted(copy.host()));
  }

  private Optional<String> backupThatCan(CopyRow primary) {
    return row.active()
        .filter(copy -> primary.confirmed() == CopyStatus.PRIMARY)
        .filter(copy -> !copy.isPrimary() && !placement.isDrained(copy))
        .filter(copy -> row.isReady(copy) && placement.isTrusted(copy))
        .findFirst()
        .filter(copy -> isReplaced(primary))
        .map(copy -> "%s can take over".formatted(copy.id()));
  }

  /**
   * Its work waits until as many are ready without it as were registered, for it may be the last
   * that it does: one that does not follow its status is stopped. Where no other can be had, it
   * does not wait.
   */
  private boolean isReplaced(CopyRow primary) {
    return isEnoughWithout(primary)
        || (placement.refuge().isEmpty() && row.active().count() <= row.spec().runningCopies());
  }

  private boolean isEnoughWithout(CopyRow leaver) {
    var ready = row.active().filter(copy -> !copy.id().equals(leaver.id())).filter(row::isReady);
    return ready.count() >= row.spec().runningCopies();
  }

  /** Copies leave drained hosts one at a time: another one runs before any stops. */
  Optional<TableEvent> replaceLeaving() {
    if (!row.registered()
        || row.spec().style() == ReplicationStyle.COLD
        || row.active().count() != row.spec().runningCopies()) {
      return Optional.empty();
    }
    return leaving()
        .findFirst()
        .flatMap(leaver -> placement.refuge().map(copy -> replace(leaver, copy)));
  }

  private TableEvent replace(CopyRow leaver, CopyRow with) {
    return events.executeBeside(
        with, "it replaces %s, whose host %s is drained".formatted(leaver.id(), leaver.host()));
  }

  /**
   * A copy leaves its drained host when as many as were registered are ready without it; one that
   * was the primary, when another acts as such and so has what it had.
   */
  Stream<CopyRow> replaced() {
    var hot = row.spec().style() == ReplicationStyle.HOT;
    var served =
        row.active().anyMatch(copy -> copy.isPrimary() && copy.confirmed() == CopyStatus.PRIMARY);
    return leaving()
        .filter(copy -> served && (hot || !copy.isPrimary()))
        .filter(this::isEnoughWithout);
  }

  /** The moments at which what cannot leave now may: one is trusted, or a host has been quiet. */
  Stream<Instant> chances() {
    if (!isUnderWay()) {
      return Stream.empty();
    }
    var hosts = placement.hosts();
    var trusted = row.active().map(placement::trustedAt).flatMap(Optional::stream);
    var quiet = placement.idle().filter(placement::isDamped).map(CopyRow::host);
    return Stream.of(Stream.of(hosts.now()), trusted, quiet.map(hosts::dampedUntil))
        .flatMap(Function.identity());
  }

  /** Why this active copy stays on its drained host; empty when it does not. */
  Optional<String> staying(CopyRow copy) {
    if (mayLeave(copy)) {
      return Optional.empty();
    }
    var others =
        row.copies().stream()
            .filter(other -> other.wanted() && !other.id().equals(copy.id()))
            .map(other -> cannotHelp(other, copy.host()))
            .toList();
    return Optional.of(
        others.isEmpty()
            ? "its module lists no other host"
            : "no other host can take it: " + String.join(", ", others));
  }

  private String cannotHelp(CopyRow other, HostId from) {
    if (!placement.hosts().isUp(other.host())) {
      return "%s is not up".formatted(other.host());
    }
    if (placement.isDrained(other)) {
      return "%s is drained".formatted(other.host());
    }
    if (other.isActive()) {
      return other.isRunning()
          ? "%s has %s".formatted(other.host(), other.id())
          : "%s does not run yet on %s".formatted(other.id(), other.host());
    }
    if (!placement.isTrusted(other)) {
      return "%s failed %d times in a row on %s (it is tried when %s is drained once more)"
          .formatted(other.id(), other.strikes(), other.host(), from);
    }
    return placement.isDamped(other) && other.phase() instanceof Phase.Idle
        ? failsOften(other.host())
        : "%s is stopping on %s".formatted(other.id(), other.host());
  }

  private String failsOften(HostId host) {
    var hosts = placement.hosts();
    var quiet = Duration.between(hosts.now(), hosts.dampedUntil(host));
    return "%s fails often (it can take it in %d s, if it stays up)"
        .formatted(host, quiet.toSeconds());
  }

  /** Those that would take copies of drained hosts, had they not failed time and again. */
  Stream<CopyRow> distrusted() {
    return placement
        .idle()
        .filter(copy -> !placement.isDrained(copy) && !placement.isTrusted(copy));
  }
}
