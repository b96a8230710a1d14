package io.understudy.checkpoint;

/**
 * The Checkpoint Server's SQL. Each statement is a transaction by itself: between two of them no
 * lock is held, so that a writer which is paused there holds nobody up.
 *
 * <p>What writes for a module locks the module's row and holds only while its epoch is the
 * writer's: a claim that comes at the same time is either before it or after it.
 */
record Statements(String binary) {
  static final String CHECK = "SELECT COUNT(*) FROM checkpoint_update WHERE 1 = 0";

  static final String RAISE =
      "UPDATE checkpoint_module SET epoch = ? WHERE module = ? AND epoch <= ?";

  static final String CREATE =
      "INSERT INTO checkpoint_module (module, epoch, snapshot, previous) VALUES (?, ?, 0, 0)";

  static final String MODULE =
      "SELECT epoch, snapshot, previous FROM checkpoint_module WHERE module = ?";

  static final String BEGIN =
      "INSERT INTO checkpoint_snapshot (module, at_epoch, at_sequence, bytes)"
          + " SELECT m.module, CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT)"
          + " FROM checkpoint_module m WHERE m.module = ? AND m.epoch = ? FOR UPDATE";

  /** The snapshot becomes the newest, unless it is already. */
  static final String PUBLISH =
      "UPDATE checkpoint_module SET previous = snapshot, snapshot = ?"
          + " WHERE module = ? AND epoch = ? AND snapshot <> ?"
          + " AND EXISTS (SELECT 1 FROM checkpoint_snapshot s WHERE s.id = ?)";

  static final String SNAPSHOT =
      "SELECT at_epoch, at_sequence, bytes FROM checkpoint_snapshot WHERE id = ? AND module = ?";

  static final String READ_CHUNK =
      "SELECT payload FROM checkpoint_chunk WHERE snapshot = ? AND number = ?";

  static final String ROWS =
      "SELECT id, writer, epoch, first, last FROM checkpoint_update"
          + " WHERE module = ? ORDER BY writer, id";

  static final String READ_ROWS =
      "SELECT id, payload FROM checkpoint_update WHERE module = ? AND id BETWEEN ? AND ?";

  /** Neither of the two that are kept, nor one that is being written now. */
  static final String OLD_SNAPSHOTS =
      "SELECT s.id FROM checkpoint_snapshot s, checkpoint_module m WHERE m.module = ?"
          + " AND s.module = m.module AND s.id < m.snapshot AND s.id <> m.previous";

  /** What earlier attempts left, for the module's writer before it begins another. */
  static final String UNFINISHED_SNAPSHOTS =
      "SELECT s.id FROM checkpoint_snapshot s, checkpoint_module m WHERE m.module = ?"
          + " AND m.epoch = ? AND s.module = m.module AND s.id NOT IN (m.snapshot, m.previous)";

  /** Of a module that is gone, up to its last epoch. */
  static final String GONE_SNAPSHOTS =
      "SELECT s.id FROM checkpoint_snapshot s, checkpoint_module m WHERE m.module = ?"
          + " AND s.module = m.module AND s.at_epoch <= ? AND s.id NOT IN (m.snapshot, m.previous)";

  static final String DROP_CHUNKS = "DELETE FROM checkpoint_chunk WHERE snapshot = ?";

  static final String DROP_SNAPSHOT = "DELETE FROM checkpoint_snapshot WHERE id = ?";

  /**
   * Those that both kept snapshots have. The row with the older one's last update stays: it says
   * which log that is of.
   */
  static final String DROP_ROWS =
      "DELETE FROM checkpoint_update WHERE module = ? AND last < (SELECT MIN(s.at_sequence)"
          + " FROM checkpoint_snapshot s, checkpoint_module m WHERE m.module = ?"
          + " AND s.id IN (m.snapshot, m.previous) AND m.previous <> 0)";

  static final String DROP_GONE_ROWS =
      "DELETE FROM checkpoint_update WHERE module = ? AND writer <= ?";

  static final String RETIRE =
      "UPDATE checkpoint_module SET epoch = ?, snapshot = 0, previous = 0"
          + " WHERE module = ? AND epoch <= ?";

  static Statements of(String dialect) {
    return new Statements(dialect.equals("h2") ? "BLOB" : "BYTEA");
  }

  String chunk() {
    return "INSERT INTO checkpoint_chunk (snapshot, number, payload)"
        + " SELECT s.id, CAST(? AS INTEGER), CAST(? AS %s)".formatted(binary)
        + " FROM checkpoint_snapshot s, checkpoint_module m WHERE s.id = ?"
        + " AND m.module = s.module AND m.epoch = ?";
  }

  /** Only where it leaves no gap to what is there. */
  String append() {
    return "INSERT INTO checkpoint_update (module, writer, epoch, first, last, payload)"
        + " SELECT m.module, m.epoch, CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT),"
        + " CAST(? AS %s) FROM checkpoint_module m WHERE m.module = ? AND m.epoch = ?"
            .formatted(binary)
        + " AND (CAST(? AS BIGINT) <= 0 OR EXISTS (SELECT 1 FROM checkpoint_update u"
        + " WHERE u.module = m.module AND u.last >= CAST(? AS BIGINT))"
        + " OR EXISTS (SELECT 1 FROM checkpoint_snapshot s"
        + " WHERE s.id = m.snapshot AND s.at_sequence >= CAST(? AS BIGINT))) FOR UPDATE";
  }
}
