package io.understudy.watchdog;

import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyStatus;
import io.understudy.watchdog.CopyState.Effect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/** All copies of a host in one life of its WatchDog, and what is to be told about them. */
public record HostCopies(PMap<CopyId, CopyState> copies, Unheard unheard) {
  /** More copies than any host runs, so that those that ended before the last are forgotten. */
  private static final int MOST = 10_000;

  /** Later than any order for one of them that is still on its way. */
  private static final int ENDED_KEPT = 5_000;

  public static final HostCopies NONE = new HostCopies(HashTreePMap.empty(), Unheard.NOTHING);

  /** What is so from now on, and what to do. */
  public record Decision(HostCopies state, List<Effect> effects) {
    private Decision and(CopyState.Decision one) {
      var unheard = state.unheard;
      for (var effect : one.effects()) {
        unheard = effect instanceof Effect.Tell(var report) ? unheard.add(report) : unheard;
      }
      var all = new ArrayList<>(effects);
      all.addAll(one.effects());
      var copy = one.state().order().copy();
      var copies = state.copies.plus(copy, one.state());
      return new Decision(new HostCopies(copies, unheard), List.copyOf(all));
    }
  }

  /** Orders arrived. */
  public Decision decide(List<CopyOrder> orders) {
    var decision = new Decision(this, List.of());
    for (var order : orders) {
      var known = decision.state.copies.get(order.copy());
      decision = decision.and(known == null ? CopyState.first(order) : known.decide(order));
    }
    return decision;
  }

  /** Something became of a copy. */
  public Decision seen(CopyReport news) {
    var known = copies.get(news.copy());
    var decision = new Decision(this, List.of());
    return known == null ? decision : decision.and(known.seen(news));
  }

  /** All reports up to this number are durable. */
  public HostCopies heard(long sequence) {
    var next = new HostCopies(copies, unheard.heard(sequence));
    return copies.size() > MOST ? next.tidy() : next;
  }

  /**
   * Modules come and go, and what is known of those that went is kept only to refuse old orders.
   */
  private HostCopies tidy() {
    var ended =
        copies.values().stream()
            .filter(copy -> !copy.alive() && !unheard.newest().containsKey(copy.order().copy()))
            .sorted(Comparator.comparingLong(copy -> copy.order().version()))
            .map(copy -> copy.order().copy())
            .toList();
    var past = ended.subList(0, Math.max(0, ended.size() - ENDED_KEPT));
    return new HostCopies(copies.minusAll(past), unheard);
  }

  /** What this host may do of its orders; without a lease it runs no primary that must be alone. */
  public static List<CopyOrder> permitted(List<CopyOrder> orders, boolean fenced) {
    return fenced ? orders.stream().filter(order -> !needsLease(order)).toList() : orders;
  }

  private static boolean needsLease(CopyOrder order) {
    return order.status() == CopyStatus.PRIMARY && order.launch().alone();
  }

  /** The copies that must stop because the lease is over. */
  public Stream<CopyId> needingLease() {
    return copies.values().stream()
        .filter(CopyState::alive)
        .filter(copy -> needsLease(copy.order()) || copy.actsAlone())
        .map(copy -> copy.order().copy());
  }

  /**
   * These copies on a host without a lease: no primary follows a run that dies (I5). The order for
   * it stays unanswered, and so is repeated when there is a lease again.
   */
  public HostCopies fenced() {
    var left = copies;
    for (var entry : copies.entrySet()) {
      if (needsLease(entry.getValue().order())) {
        left = left.plus(entry.getKey(), entry.getValue().abandoned());
      }
    }
    return new HostCopies(left, unheard);
  }

  /**
   * The copies that act as primaries, each beside others, and are to be the only ones from now on:
   * without a lease they stop, since nothing else would keep them from outlasting it (I5).
   */
  public List<CopyId> overtaken(List<CopyOrder> orders) {
    return orders.stream()
        .filter(HostCopies::needsLease)
        .filter(order -> known(order.copy()).filter(copy -> copy.isOvertaken(order)).isPresent())
        .map(CopyOrder::copy)
        .toList();
  }

  HostCopies told(Duration now) {
    return new HostCopies(copies, unheard.told(now));
  }

  /** Nothing runs here any more. */
  public boolean quiet() {
    return copies.values().stream().noneMatch(CopyState::alive);
  }

  private Optional<CopyState> known(CopyId copy) {
    return Optional.ofNullable(copies.get(copy));
  }

  /** Runs that are being replaced are not replaced any more. */
  public HostCopies abandoned() {
    return abandoned(copies.keySet());
  }

  /** The runs of these copies that are being replaced are not replaced any more. */
  public HostCopies abandoned(Collection<CopyId> those) {
    var left = copies;
    for (var id : those) {
      var copy = known(id);
      left = copy.isPresent() ? left.plus(id, copy.get().abandoned()) : left;
    }
    return new HostCopies(left, unheard);
  }
}
