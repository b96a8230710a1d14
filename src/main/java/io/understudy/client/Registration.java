package io.understudy.client;

import java.util.Optional;

/** The ReplicaManager's answer to a registration. */
public sealed interface Registration {
  /**
   * The module is protected from now on, and the registration survives any failure (I7).
   *
   * @param version of the table that holds it
   * @param warning what was accepted but is hardly meant
   */
  record Registered(long version, Optional<String> warning) implements Registration {}

  /** Nothing was changed; the reason says what to do. */
  record Refused(String reason) implements Registration {}

  /** No ReplicaManager could do it in time. Registering again is safe. */
  record Unavailable(String reason) implements Registration {}
}
