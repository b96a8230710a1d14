package io.understudy.simulation;

import io.understudy.model.CopyOrder;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.model.Location;

/** A copy that runs, or ran. */
final class Body {
  final CopyOrder order;
  final String where;
  CopyStatus status;
  Epoch epoch;
  boolean alive = true;
  boolean ready;

  /** Whether it was told to be the only primary. */
  boolean alone;

  Body(CopyOrder order, String where) {
    this.order = order;
    this.where = where;
    this.status = order.status();
    this.epoch = order.epoch();
    this.alone = order.launch().alone();
  }

  /** A process may outlive its node's JVM by moments; an actor cannot. */
  boolean isProcess() {
    return order.launch().location() instanceof Location.Executable;
  }

  /** Some programs do not follow their status: as primaries they are stopped to be backups. */
  boolean ceasesByDeath() {
    return isProcess() && order.copy().number() % 2 == 0 && status == CopyStatus.PRIMARY;
  }

  boolean actsAlone() {
    return alive && status == CopyStatus.PRIMARY && alone;
  }

  @Override
  public String toString() {
    return "%s run %d epoch %s on %s".formatted(order.copy(), order.run(), epoch, where);
  }
}
