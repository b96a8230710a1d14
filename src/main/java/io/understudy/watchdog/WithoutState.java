package io.understudy.watchdog;

import io.understudy.model.CopyOrder;
import io.understudy.model.FailureKind;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * A copy with state that is a program: only actors keep state yet. Better no copy than one that
 * begins with nothing where an earlier one failed, and says so to nobody.
 */
record WithoutState(CopyOrder order, Consumer<CopyNews> run) implements Body {
  @Override
  public void start() {
    var reason =
        "module %s is registered with state, which only actors keep yet: register it without \"state\""
            .formatted(order.copy().module());
    run.accept(new CopyNews.Gone(FailureKind.CANNOT_START, reason));
  }

  @Override
  public void poll(Duration timeout) {}

  @Override
  public void tell(Standing standing) {}

  @Override
  public void terminate(boolean hung) {}

  @Override
  public void kill() {}
}
