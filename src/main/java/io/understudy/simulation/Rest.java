package io.understudy.simulation;

import io.understudy.model.CopyOrder;
import io.understudy.model.ModuleSpec;
import io.understudy.table.Condition;
import io.understudy.table.HostRow;
import io.understudy.table.ModuleRow;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is to be so when nothing has failed for long enough. */
final class Rest {
  private final Cluster cluster;

  Rest(Cluster cluster) {
    this.cluster = cluster;
  }

  /** What has not healed, or empty. */
  Optional<String> missing() {
    return Stream.concat(
            cluster.machines().stream().map(this::ofMachine),
            cluster.operator.wanted().stream().map(this::ofModule))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private Optional<String> ofMachine(Machine machine) {
    @Nullable Node node = machine.node;
    if (node == null || node.host == null || !node.membership.joined()) {
      return Optional.of(machine.host() + " has not joined");
    }
    if (node.membership.gossip.members().size() != cluster.machines().size()) {
      return Optional.of(
          "%s sees the members %s".formatted(node.name, node.membership.gossip.members()));
    }
    var incarnation = node.host.incarnation;
    var up =
        cluster
            .books
            .table
            .host(machine.host())
            .filter(HostRow::up)
            .filter(row -> row.incarnation().equals(incarnation));
    if (up.isEmpty()) {
      return Optional.of(incarnation + " is not up in the table");
    }
    if (!node.host.mayRunPrimaries()) {
      return Optional.of(incarnation + " has no lease");
    }
    return leftOver(machine).or(() -> ofJudge(node));
  }

  private Optional<String> leftOver(Machine machine) {
    var owed = cluster.books.table.owed(machine.host()).toList();
    return machine.bodies.stream()
        .filter(body -> body.alive)
        .filter(
            body ->
                owed.stream()
                    .noneMatch(
                        order ->
                            order.copy().equals(body.order.copy())
                                && order.run() == body.order.run()))
        .findFirst()
        .map(body -> "left over: " + body);
  }

  private Optional<String> ofJudge(Node node) {
    @Nullable JudgeSide judge = node.judge;
    if (judge == null) {
      return Optional.empty();
    }
    for (var machine : cluster.machines()) {
      @Nullable Node other = machine.node;
      if (other == null || other.host == null) {
        continue;
      }
      var incarnation = other.host.incarnation;
      if (judge.jury.accused(incarnation) || judge.jury.accused(other.name)) {
        return Optional.of("%s is accused: %s".formatted(incarnation, juries()));
      }
      if (!judge.jury.mayGrant(incarnation, node.clock())) {
        return Optional.of(
            "%s grants nothing to %s: %s".formatted(node.name, incarnation, judge.jury));
      }
    }
    return Optional.empty();
  }

  private String juries() {
    return cluster.machines().stream()
        .map(machine -> machine.node)
        .flatMap(Stream::ofNullable)
        .flatMap(node -> node.judge().stream())
        .map(judge -> "\n" + judge.jury)
        .collect(Collectors.joining());
  }

  private Optional<String> ofModule(ModuleSpec spec) {
    var module = spec.module();
    var row = cluster.books.table.module(module);
    if (row.filter(it -> it.registered() && it.spec().equals(spec)).isEmpty()) {
      return Optional.of(module + " is not registered, or not like this: " + spec);
    }
    var condition = Condition.of(row.get(), cluster.books.table);
    if (condition.level() != Condition.Level.PROTECTED) {
      return Optional.of("%s is %s: %s".formatted(module, condition.level(), condition.reason()));
    }
    return cluster
        .books
        .table
        .owed(row.get())
        .filter(order -> !runs(row.get(), order))
        .findFirst()
        .map(order -> "not as ordered: " + order);
  }

  private boolean runs(ModuleRow row, CopyOrder order) {
    return row.copy(order.copy())
        .map(copy -> cluster.machine(cluster.machineOf(copy.host())).node)
        .flatMap(Node::host)
        .filter(host -> host.runs(order))
        .isPresent();
  }
}
