package io.understudy.watchdog;

/**
 * Has the processes of a host killed when its JVM is dead, sooner than their own guards see its
 * pipes close. Never blocks.
 */
public interface Ties {
  /** Leaves it to their guards. */
  Ties NONE =
      new Ties() {
        @Override
        public void tie(ProcessId id) {}

        @Override
        public void untie(ProcessId id) {}
      };

  /** A process runs. */
  void tie(ProcessId id);

  /** It is dead. */
  void untie(ProcessId id);
}
