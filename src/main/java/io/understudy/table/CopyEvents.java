package io.understudy.table;

import io.understudy.model.CopyStatus;
import io.understudy.model.ReplicationStyle;
import io.understudy.table.TableEvent.CopyDemoted;
import io.understudy.table.TableEvent.CopyOrdered;
import io.understudy.table.TableEvent.CopyPromoted;
import io.understudy.table.TableEvent.CopyReleased;
import io.understudy.table.TableEvent.CopyStopOrdered;
import io.understudy.table.TableEvent.RestartDelayed;
import io.understudy.table.TableEvent.SequencerChosen;
import java.time.Instant;
import java.util.Optional;

/** What may be decided of a copy: the events, with the epoch that each begins or keeps (I4). */
record CopyEvents(ModuleRow row, Hosts hosts) {
  /** An idle copy is executed as the primary that its module lacks. */
  TableEvent executeAsPrimary(CopyRow copy, String why) {
    return execute(copy, CopyStatus.PRIMARY, why);
  }

  /** An idle copy is executed beside a primary: as another one if the module is hot. */
  TableEvent executeBeside(CopyRow copy, String why) {
    var hot = row.spec().style() == ReplicationStyle.HOT;
    return execute(copy, hot ? CopyStatus.PRIMARY : CopyStatus.BACKUP, why);
  }

  private TableEvent execute(CopyRow copy, CopyStatus as, String why) {
    var but =
        hosts.isDrained(copy.host())
            ? "is drained"
            : hosts.isDamped(copy.host()) ? "fails often" : "";
    var also = "; its host %s, but no other host can run it now".formatted(but);
    return order(copy, as, but.isEmpty() ? why : why + also);
  }

  TableEvent order(CopyRow copy, CopyStatus as, String why) {
    var epoch = as == CopyStatus.PRIMARY ? row.epoch().next() : row.epoch();
    return new CopyOrdered(
        copy.id(), copy.host(), as, copy.run() + 1, epoch, Optional.empty(), why, now());
  }

  TableEvent delay(CopyRow copy, Instant notBefore, String why) {
    return new RestartDelayed(copy.id(), copy.host(), notBefore, why, now());
  }

  TableEvent promote(CopyRow copy, String why) {
    return new CopyPromoted(copy.id(), copy.host(), row.epoch().next(), why, now());
  }

  TableEvent demote(CopyRow copy, String why) {
    return new CopyDemoted(copy.id(), copy.host(), row.epoch().next(), why, now());
  }

  /** The only primary gives up its work: warm it becomes a backup, cold it ends (I5). */
  TableEvent cease(CopyRow primary, String why) {
    return row.spec().style() == ReplicationStyle.COLD ? end(primary, why) : demote(primary, why);
  }

  TableEvent end(CopyRow copy, String why) {
    return copy.mayLive()
        ? new CopyStopOrdered(copy.id(), copy.host(), why, now())
        : new CopyReleased(copy.id(), copy.host(), Instant.EPOCH, why, now());
  }

  /** What failed ends, and for a while it is the last choice among the idle copies. */
  TableEvent release(CopyRow copy, String why) {
    var cool = now().plus(row.spec().restart().coolDown());
    return new CopyReleased(copy.id(), copy.host(), cool, why, now());
  }

  TableEvent number(CopyRow copy, String why) {
    return new SequencerChosen(copy.id(), copy.host(), row.epoch().next(), why, now());
  }

  private Instant now() {
    return hosts.now();
  }
}
