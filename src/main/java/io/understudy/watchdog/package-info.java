/**
 * A host's WatchDog: it starts, watches, restarts and stops the copies placed on its host, and
 * reports what became of them.
 *
 * <p>Orders are safe to repeat, so it needs no memory of which it has heard. What it reports is
 * what it observed; what follows from that is the ReplicaManager's to decide.
 */
@NullMarked
package io.understudy.watchdog;

import org.jspecify.annotations.NullMarked;
