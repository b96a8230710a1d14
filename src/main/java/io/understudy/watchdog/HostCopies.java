package io.understudy.watchdog;

import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.watchdog.CopyState.Effect;
import java.util.ArrayList;
import java.util.List;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/** All copies of a host in one life of its WatchDog, and what is to be told about them. */
record HostCopies(PMap<CopyId, CopyState> copies, Unheard unheard) {
  static final HostCopies NONE = new HostCopies(HashTreePMap.empty(), Unheard.NOTHING);

  record Decision(HostCopies state, List<Effect> effects) {
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

  Decision decide(List<CopyOrder> orders) {
    var decision = new Decision(this, List.of());
    for (var order : orders) {
      var known = decision.state.copies.get(order.copy());
      decision = decision.and(known == null ? CopyState.first(order) : known.decide(order));
    }
    return decision;
  }

  Decision seen(CopyReport news) {
    var known = copies.get(news.copy());
    var decision = new Decision(this, List.of());
    return known == null ? decision : decision.and(known.seen(news));
  }

  HostCopies heard(long sequence) {
    return new HostCopies(copies, unheard.heard(sequence));
  }

  /** Nothing runs here any more. */
  boolean quiet() {
    return copies.values().stream().noneMatch(CopyState::alive);
  }

  /** Runs that are being replaced are not replaced any more. */
  HostCopies abandoned() {
    var left = copies;
    for (var entry : copies.entrySet()) {
      left = left.plus(entry.getKey(), entry.getValue().abandoned());
    }
    return new HostCopies(left, unheard);
  }
}
