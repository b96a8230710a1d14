package io.understudy.management;

import io.understudy.model.CopyStatus;
import io.understudy.model.ModuleId;
import io.understudy.table.CopyRow;
import io.understudy.table.HostRow;
import io.understudy.table.ModuleRow;
import io.understudy.table.ReplicationTable;
import java.util.List;
import java.util.Optional;

/**
 * Where a module's requests go.
 *
 * @param configuration rises with every change of the module
 * @param primaries those that clients are sent to and that act on it; none while a fail-over is
 *     under way
 */
record PrimariesView(String module, long epoch, long configuration, List<Place> primaries) {
  /**
   * A primary.
   *
   * @param address of its host's remoting, as host:port
   */
  record Place(String copy, String host, String address) {}

  /** Of a module that is in the table and not about to leave it. */
  static Optional<PrimariesView> of(ModuleId id, ReplicationTable table) {
    return table.module(id).filter(ModuleRow::registered).map(row -> of(row, table));
  }

  private static PrimariesView of(ModuleRow row, ReplicationTable table) {
    var primaries =
        row.serving()
            .filter(copy -> copy.confirmed() == CopyStatus.PRIMARY)
            .map(copy -> place(copy, table))
            .toList();
    return new PrimariesView(
        row.spec().module().value(), row.epoch().value(), row.version(), primaries);
  }

  private static Place place(CopyRow copy, ReplicationTable table) {
    return new Place(
        copy.id().toString(),
        copy.host().value(),
        table.host(copy.host()).map(HostRow::address).orElse(""));
  }

  String text() {
    var out = new StringBuilder();
    var rows = new TextTable("COPY", "HOST", "ADDRESS");
    primaries.forEach(place -> rows.row(place.copy(), place.host(), place.address()));
    rows.appendTo(out);
    return out.toString();
  }
}
