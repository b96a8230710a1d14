package io.understudy.state;

import java.util.Optional;

/**
 * What the module decided on a request.
 *
 * @param update what changes; empty for one that only reads
 */
public record Decision(Optional<Bytes> update, Bytes reply) {}
