/**
 * Whether what clients saw of a module could have come from one copy that never fails.
 *
 * <p>{@link io.understudy.history.History} records requests as their clients see them, {@link
 * io.understudy.history.Linearizability} judges the record against a sequential specification.
 * {@link io.understudy.history.RealHosts} are what fails meanwhile.
 */
@NullMarked
package io.understudy.history;

import org.jspecify.annotations.NullMarked;
