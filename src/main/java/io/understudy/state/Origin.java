package io.understudy.state;

import io.understudy.model.CopyId;

/**
 * Who waits for the answer to a request: a run of a copy, under a ticket of its own.
 *
 * @param ticket unique in the run
 */
public record Origin(CopyId copy, long run, long ticket) {}
