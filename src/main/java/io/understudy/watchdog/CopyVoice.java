package io.understudy.watchdog;

import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.module.CopyContext;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** What a copy that is an actor says to its WatchDog, until it is cut off. */
final class CopyVoice implements CopyContext {
  private final CopyOrder order;
  private final HostId host;
  private final Consumer<CopyNews> run;
  private final AtomicBoolean cutOff = new AtomicBoolean();

  CopyVoice(CopyOrder order, HostId host, Consumer<CopyNews> run) {
    this.order = order;
    this.host = host;
    this.run = run;
  }

  void spawned(long pid) {
    run.accept(new CopyNews.Spawned(pid));
  }

  void tell(CopyNews news) {
    if (!cutOff.get()) {
      run.accept(news);
    }
  }

  void cutOff() {
    cutOff.set(true);
  }

  @Override
  public CopyId copy() {
    return order.copy();
  }

  @Override
  public HostId host() {
    return host;
  }

  @Override
  public CopyStatus status() {
    return order.status();
  }

  @Override
  public Epoch epoch() {
    return order.epoch();
  }

  @Override
  public void heartbeat() {
    say(new CopyNews.Beat(OptionalInt.empty()));
  }

  @Override
  public void heartbeat(int requestsInHand) {
    say(new CopyNews.Beat(OptionalInt.of(requestsInHand)));
  }

  @Override
  public void ready() {
    say(new CopyNews.SaidReady());
  }

  /** The exception may be what ends a copy that did not stop when it was asked to. */
  private void say(CopyNews news) {
    if (cutOff.get()) {
      throw new IllegalStateException(
          "copy %s was cut off because it did not stop: it has been replaced".formatted(copy()));
    }
    run.accept(news);
  }
}
