package io.understudy.client;

import io.understudy.state.Bytes;
import java.time.Duration;

/**
 * A request that has no answer yet.
 *
 * @param asker gets the answer
 * @param until when its answer is too late
 */
record Held<P>(P asker, Bytes command, Duration until) {}
