CREATE TABLE IF NOT EXISTS checkpoint_module (
  module VARCHAR(255) NOT NULL PRIMARY KEY,
  -- The fence: whoever writes under a lower one is refused.
  epoch BIGINT NOT NULL,
  -- The newest snapshot that is whole, and the one before it, 0 is none.
  snapshot BIGINT NOT NULL,
  previous BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS checkpoint_snapshot (
  id BIGSERIAL NOT NULL PRIMARY KEY,
  module VARCHAR(255) NOT NULL,
  at_epoch BIGINT NOT NULL,
  at_sequence BIGINT NOT NULL,
  bytes BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS checkpoint_snapshot_module ON checkpoint_snapshot (module);
CREATE TABLE IF NOT EXISTS checkpoint_chunk (
  snapshot BIGINT NOT NULL,
  number INTEGER NOT NULL,
  payload BYTEA NOT NULL,
  PRIMARY KEY (snapshot, number)
);
CREATE TABLE IF NOT EXISTS checkpoint_update (
  id BIGSERIAL NOT NULL,
  module VARCHAR(255) NOT NULL,
  writer BIGINT NOT NULL,
  -- All updates of a row are of one epoch.
  epoch BIGINT NOT NULL,
  first BIGINT NOT NULL,
  last BIGINT NOT NULL,
  payload BYTEA NOT NULL,
  PRIMARY KEY (module, id)
);
CREATE INDEX IF NOT EXISTS checkpoint_update_last ON checkpoint_update (module, last)
