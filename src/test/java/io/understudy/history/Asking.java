package io.understudy.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import io.understudy.client.ModuleRef;
import io.understudy.client.RequestLimits;
import io.understudy.client.UnderstudyClient;
import io.understudy.model.ModuleSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Increments a {@link Tally} with some requests under way, the next one as soon as one is answered,
 * and keeps count of repeats. It repeats nothing only because time passes.
 */
final class Asking {
  private final ModuleRef<Tally.Command, Long> module;
  private final List<String> wrong = new ArrayList<>();
  private long answered;
  private long open;
  private long repeats;
  private boolean ending;

  private Asking(ModuleRef<Tally.Command, Long> module) {
    this.module = module;
  }

  static Asking start(UnderstudyClient client, ModuleSpec spec, int inFlight) throws Exception {
    var limits = new RequestLimits(inFlight, inFlight, Await.LONG, Await.LONG);
    var asking = new Asking(client.module(spec.module(), Tally.CODEC, limits));
    for (int i = 0; i < inFlight; i++) {
      asking.ask();
    }
    asking.awaitMore(50);
    return asking;
  }

  private synchronized void ask() {
    open++;
    var unused = module.ask(new Tally.Command.Add()).whenComplete((value, why) -> next(why));
  }

  private synchronized void next(Throwable failure) {
    open--;
    answered++;
    if (failure != null) {
      wrong.add(failure.toString());
    } else if (!ending) {
      ask();
    }
  }

  private synchronized long answered() {
    return answered;
  }

  /** Waits for so many more answers. */
  void awaitMore(long answers) {
    var before = answered();
    Await.until(() -> assertThat(answered()).as("%s", wrong).isGreaterThan(before + answers));
  }

  /** How many there were since this was asked last, which must be no more than this. */
  long repeatsSince(long most) {
    var since = module.repeated() - repeats;
    repeats += since;
    assertThat(since).as("repeats").isLessThanOrEqualTo(most);
    return since;
  }

  /** No more requests; what is wrong. */
  List<String> end() {
    synchronized (this) {
      ending = true;
    }
    Await.until(this::assertNothingOpen);
    module.close();
    return wrong;
  }

  private synchronized void assertNothingOpen() {
    assertThat(open).isZero();
  }
}
