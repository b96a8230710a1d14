package io.understudy.table;

import io.understudy.model.CopyId;
import io.understudy.model.ModuleId;
import io.understudy.model.ReplicationStyle;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What an operator's wish for another primary comes to. */
sealed interface Switchover {
  /** This copy is to be the primary. */
  record To(CopyRow heir) implements Switchover {}

  /** It is so already, or under way. */
  record Done() implements Switchover {}

  /** It is not possible, for this reason. */
  record Refused(String reason) implements Switchover {}

  static Switchover of(Change.Switchover change, Hosts hosts) {
    return hosts
        .table()
        .module(change.module())
        .filter(ModuleRow::registered)
        .map(row -> new Wish(row, hosts, change).granted())
        .orElseGet(() -> new Refused(unknown(change.module())));
  }

  private static String unknown(ModuleId module) {
    return "module %s is not registered; the table lists those that are".formatted(module);
  }

  /** A wish and the module that it is about. */
  record Wish(ModuleRow row, Hosts hosts, Change.Switchover change) {
    private Switchover granted() {
      var unknown = unknown();
      if (unknown.isPresent()) {
        return refused(unknown.get());
      }
      if (row.spec().style() == ReplicationStyle.HOT) {
        return refused(
            "it is hot: each of its copies serves already, so that no work is to be moved; drain a"
                + " host to have it served elsewhere");
      }
      var primary = row.active().filter(CopyRow::isPrimary).findFirst();
      if (isDone(primary)) {
        return new Done();
      }
      if (primary.filter(CopyRow::isRunning).isEmpty()) {
        return refused(noPrimary());
      }
      return change.to().isPresent() ? toNamed(change.to().get()) : toBest();
    }

    private Refused refused(String reason) {
      return new Refused("module %s: %s".formatted(change.module(), reason));
    }

    private Optional<String> unknown() {
      return Stream.concat(change.to().stream(), change.from().stream())
          .filter(id -> row.copy(id).isEmpty())
          .findFirst()
          .map(id -> "copy %s is not among its copies; it has %s".formatted(id, all()));
    }

    private String all() {
      return row.copies().stream()
          .map(copy -> "%s on %s".formatted(copy.id(), copy.host()))
          .collect(Collectors.joining(", "));
    }

    private boolean isDone(Optional<CopyRow> primary) {
      if (change.from().isPresent()
          && primary.filter(copy -> !copy.id().equals(change.from().get())).isPresent()) {
        return true;
      }
      if (change.to().isPresent()) {
        return primary.filter(copy -> copy.id().equals(change.to().get())).isPresent()
            || row.successor().equals(change.to());
      }
      return row.successor().isPresent();
    }

    private String noPrimary() {
      return row.successor()
          .map(id -> "%s is taking over already; ask again when it has".formatted(id))
          .orElse(
              "no primary runs whose work could be moved; ask again when the table shows one that"
                  + " runs");
    }

    private Switchover toNamed(CopyId id) {
      var copy = row.copy(id).orElseThrow();
      return unfit(copy)
          .<Switchover>map(
              why ->
                  refused(
                      "copy %s on %s cannot take over: %s; %s"
                          .formatted(id, copy.host(), why, remedy())))
          .orElseGet(() -> new To(copy));
    }

    private String remedy() {
      return best()
          .map(copy -> "name %s, or ask again when that has changed".formatted(copy.id()))
          .orElse("ask again when that has changed");
    }

    private Switchover toBest() {
      return best().<Switchover>map(To::new).orElseGet(() -> refused(noOther()));
    }

    private String noOther() {
      var why =
          others()
              .map(
                  copy ->
                      "%s on %s: %s"
                          .formatted(
                              copy.id(), copy.host(), unfit(copy).orElse("it fails repeatedly")))
              .collect(Collectors.joining("; "));
      return why.isEmpty()
          ? "no other copy could take over, since it lists no other host; list one"
          : "no other copy could take over now: %s; ask again when one can".formatted(why);
    }

    private Optional<CopyRow> best() {
      var placement = new Placement(row, hosts);
      return row.spec().style() == ReplicationStyle.COLD
          ? placement.spare()
          : others().filter(copy -> unfit(copy).isEmpty() && placement.isTrusted(copy)).findFirst();
    }

    private Stream<CopyRow> others() {
      return row.copies().stream().filter(copy -> copy.wanted() && !copy.isPrimary());
    }

    /** Why this copy cannot take over. */
    private Optional<String> unfit(CopyRow copy) {
      if (!copy.wanted()) {
        return Optional.of("its host is no longer listed");
      }
      if (!hosts.isUp(copy.host())) {
        return Optional.of("its host is not up");
      }
      if (hosts.isDrained(copy.host())) {
        return Optional.of("its host is drained");
      }
      return row.spec().style() == ReplicationStyle.COLD ? unfitCold(copy) : unfitWarm(copy);
    }

    private static Optional<String> unfitCold(CopyRow copy) {
      return copy.phase() instanceof Phase.Idle
          ? Optional.empty()
          : Optional.of("its last run is not known to be dead yet");
    }

    private Optional<String> unfitWarm(CopyRow copy) {
      if (!copy.isActive() || !copy.isRunning()) {
        return Optional.of("it does not run, and a warm module's work goes to a backup that does");
      }
      return row.isReady(copy) ? Optional.empty() : Optional.of("it is not in sync");
    }
  }
}
