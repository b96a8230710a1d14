package io.understudy.table;

import static java.util.Comparator.comparing;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.CopyStatus;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateSpec;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Which copies of a module are primaries, and which of these numbers the updates of its state. */
record Succession(ModuleRow row, Placement placement, CopyEvents events) {
  private static final String ASKED_FOR = "%s takes over, as an operator asked";

  Succession(ModuleRow row, Hosts hosts) {
    this(row, new Placement(row, hosts), new CopyEvents(row, hosts));
  }

  /** Only after a change of style from hot are there primaries too many. */
  Optional<TableEvent> demote() {
    if (row.spec().style() != ReplicationStyle.WARM) {
      return Optional.empty();
    }
    return row.active()
        .filter(CopyRow::isPrimary)
        .sorted(newest().thenComparing(copy -> !row.isSequencer(copy)))
        .skip(1)
        .findFirst()
        .map(copy -> events.demote(copy, "a warm module has one"));
  }

  /** In a switchover the primary makes way for whom an operator named. */
  Optional<TableEvent> handOver(CopyRow primary) {
    return row.successor()
        .filter(heir -> !row.isSuccessor(primary))
        .map(heir -> events.cease(primary, ASKED_FOR.formatted(heir)));
  }

  /**
   * Cold and warm: there is one primary, and no new one while an old one may still act (I5). The
   * backup with the newest state takes over, and list order decides among equals (resolution h);
   * before that, of those whose host stays, whom an operator named.
   */
  Optional<TableEvent> choosePrimary() {
    if (!row.registered() || row.spec().style() == ReplicationStyle.HOT || primaryMayAct()) {
      return Optional.empty();
    }
    return bestBackup()
        .map(copy -> events.promote(copy, takesOver(copy)))
        .or(() -> idleHeir().map(this::executeHeir))
        .or(
            () ->
                placement
                    .candidate()
                    .map(copy -> events.executeAsPrimary(copy, "no primary runs")));
  }

  /** A primary was ordered, or is not known to have ceased. */
  boolean primaryMayAct() {
    return row.copies().stream().anyMatch(copy -> copy.isPrimary() || copy.acting());
  }

  private Optional<CopyRow> bestBackup() {
    return row.active()
        .filter(CopyRow::mayLive)
        .min(
            newest()
                .thenComparing(placement::isDrained)
                .thenComparing(copy -> !row.isSuccessor(copy)));
  }

  private Optional<CopyRow> idleHeir() {
    return placement.idle().filter(row::isSuccessor).findFirst();
  }

  private TableEvent executeHeir(CopyRow copy) {
    return events.order(copy, CopyStatus.PRIMARY, ASKED_FOR.formatted("it"));
  }

  /** Those in sync have all there is; of the others, those that run have heard more. */
  private static Comparator<CopyRow> newest() {
    return comparing((CopyRow copy) -> !copy.inSync()).thenComparing(copy -> !copy.isRunning());
  }

  private String takesOver(CopyRow copy) {
    if (row.isSuccessor(copy)) {
      return ASKED_FOR.formatted("it");
    }
    return row.spec()
        .state()
        .map(state -> copy.inSync() ? "the first backup in sync takes over" : noneInSync(state))
        .orElse("the first backup takes over");
  }

  private static String noneInSync(StateSpec state) {
    return "no copy in sync was left; it continues from what it "
        + (state.checkpoint() instanceof CheckpointPolicy.None
            ? "has"
            : "and the Checkpoint Server have");
  }

  Optional<TableEvent> promoteHot() {
    return row.spec().style() != ReplicationStyle.HOT
        ? Optional.empty()
        : row.active()
            .filter(copy -> !copy.isPrimary())
            .findFirst()
            .map(copy -> events.promote(copy, "every copy of a hot module is a primary"));
  }

  /**
   * One copy numbers the updates of a module's state. It stays the one until it has no living run,
   * or turns out to have less than another.
   */
  Optional<TableEvent> chooseSequencer() {
    if (!row.registered() || row.spec().state().isEmpty()) {
      return Optional.empty();
    }
    var numbering = primaries().filter(row::isSequencer).findFirst();
    return primaries()
        .min(newest())
        .filter(best -> numbering.isEmpty() || (best.inSync() && !numbering.get().inSync()))
        .map(best -> events.number(best, numbers(best)));
  }

  private Stream<CopyRow> primaries() {
    return row.active().filter(copy -> copy.isPrimary() && copy.mayLive());
  }

  private static String numbers(CopyRow best) {
    return best.inSync()
        ? "the first primary in sync numbers the updates from now on"
        : "no copy is in sync: this one restores the state and numbers the updates";
  }
}
