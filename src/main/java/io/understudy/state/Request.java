package io.understudy.state;

import java.util.Optional;

/**
 * What a client asks of the module.
 *
 * @param origin the copy that accepted it and answers it
 * @param id absent: a repetition is another request
 * @param command what the module decides on; of a process module, the update itself
 */
public record Request(Origin origin, Optional<RequestId> id, Bytes command) {}
