package io.understudy.management;

import static java.util.stream.Collectors.toCollection;

import io.understudy.model.CopyId;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.superwatchdog.Electors;
import io.understudy.table.CopyRow;
import io.understudy.table.ModuleRow;
import io.understudy.table.ReplicationTable;
import io.understudy.wire.NearestName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The hosts and copies of which it is asked what would happen if they failed.
 *
 * @param names as they were asked for
 * @param notes what there is to say about some of them
 */
record Failing(List<String> names, Set<HostId> hosts, Set<CopyId> copies, List<String> notes) {
  static final String PARAMETER = "fail";
  private static final int MOST_NAMED = 20;

  /** The names that a call gives; refuses one that gives none. */
  static List<String> names(Call call) {
    var names =
        Arrays.stream(call.parameter(PARAMETER).orElse("").split(",", -1))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .distinct()
            .toList();
    if (names.isEmpty()) {
      throw Problem.badRequest(
          "nothing is named that fails; name hosts and copies, as in %s=H1,A2"
              .formatted(PARAMETER));
    }
    return names;
  }

  /** Finds what is named; refuses what there is not. */
  static Failing of(List<String> names, ReplicationTable table, Electors electors) {
    var known = new Known(table, electors);
    var hosts = new LinkedHashSet<HostId>();
    var copies = new LinkedHashSet<CopyId>();
    for (String name : names) {
      var at = name.indexOf('@');
      if (at == 0) {
        hosts.add(known.host(name.substring(1)).orElseThrow(() -> known.nothing(name)));
      } else if (at > 0) {
        copies.add(known.copyAt(name, at));
      } else {
        known.anything(name, hosts, copies);
      }
    }
    return new Failing(names, hosts, copies, known.notes(hosts, copies));
  }

  /** What there is. */
  private record Known(ReplicationTable table, Electors electors) {
    Optional<HostId> host(String name) {
      return hosts().filter(host -> host.value().equals(name)).findFirst();
    }

    /** Those that registered, those that are to, and those that only manage. */
    private Stream<HostId> hosts() {
      var listed = rows().map(CopyRow::host);
      return Stream.of(table.hosts().keySet().stream(), electors.nodes().keySet().stream(), listed)
          .flatMap(all -> all);
    }

    private Stream<CopyRow> rows() {
      return table.modules().values().stream().flatMap(row -> row.copies().stream());
    }

    private Optional<CopyRow> copy(String name) {
      try {
        return table.copy(CopyId.parse(name));
      } catch (IllegalArgumentException e) {
        return Optional.empty(); // as no copy is called
      }
    }

    CopyId copyAt(String name, int at) {
      var copy = copy(name.substring(0, at)).orElseThrow(() -> nothing(name));
      if (!copy.host().value().equals(name.substring(at + 1))) {
        throw Problem.notFound(
            "%s does not exist: copy %s is on %s".formatted(name, copy.id(), copy.host()));
      }
      return copy.id();
    }

    void anything(String name, Set<HostId> hosts, Set<CopyId> copies) {
      var host = host(name);
      var copy = copy(name);
      if (host.isPresent() && copy.isPresent()) {
        throw Problem.badRequest(
            "%s is a host, and a copy on %s; write @%s for the host or %s@%s for the copy"
                .formatted(name, copy.get().host(), name, name, copy.get().host()));
      }
      if (host.isEmpty() && copy.isEmpty()) {
        throw nothing(name);
      }
      host.ifPresent(hosts::add);
      copy.map(CopyRow::id).ifPresent(copies::add);
    }

    ProblemException nothing(String name) {
      var module = module(name);
      if (module.isPresent()) {
        return Problem.notFound(
            "%s is a module; name its copies, %s"
                .formatted(name, some(module.get().copies().stream().map(row -> "" + row.id()))));
      }
      var hosts = hosts().map(HostId::value).collect(toCollection(TreeSet::new));
      var all = new ArrayList<>(hosts);
      rows().map(row -> row.id().toString()).forEach(all::add);
      var meant = NearestName.of(name, all).map("; did you mean %s?"::formatted).orElse(";");
      return Problem.notFound(
          "%s is neither a host nor a copy%s There are %s%s%s"
              .formatted(
                  name,
                  meant,
                  hosts.isEmpty() ? "no hosts" : "the hosts " + some(hosts.stream()),
                  " and ",
                  rows().findAny().isEmpty()
                      ? "no copies"
                      : "the copies " + some(rows().map(row -> row.id().toString()))));
    }

    private Optional<ModuleRow> module(String name) {
      try {
        return table.module(new ModuleId(name));
      } catch (IllegalArgumentException e) {
        return Optional.empty(); // as no module is called
      }
    }

    private static String some(Stream<String> names) {
      var all = names.toList();
      var named = all.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
      return all.size() <= MOST_NAMED
          ? named
          : "%s and %d more".formatted(named, all.size() - MOST_NAMED);
    }

    List<String> notes(Set<HostId> hosts, Set<CopyId> copies) {
      var ofHosts =
          hosts.stream()
              .filter(host -> !table.isUp(host))
              .map(host -> "host %s runs no copies as it is: %s".formatted(host, absent(host)));
      var ofCopies =
          copies.stream()
              .flatMap(copy -> table.copy(copy).stream())
              .filter(copy -> !copy.mayLive())
              .map(
                  copy ->
                      "copy %s does not run on %s: nothing follows from its failure alone"
                          .formatted(copy.id(), copy.host()));
      return Stream.concat(ofHosts, ofCopies).toList();
    }

    private String absent(HostId host) {
      return table.host(host).isPresent() ? "it is down" : "no WatchDog has registered from it";
    }
  }
}
