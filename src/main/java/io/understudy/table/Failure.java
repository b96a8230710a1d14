package io.understudy.table;

import java.time.Instant;

/** The last failure of a copy. */
public record Failure(String reason, Instant at) {}
