/**
 * The SuperWatchDog of patent [0022] to [0026]: it hears every WatchDog and says which hosts died.
 *
 * <p>One runs on every manager node; the one on the oldest is the primary and reports, the others
 * keep warm. It never decides what follows from a host's death: that is the ReplicaManager's.
 */
@NullMarked
package io.understudy.superwatchdog;

import org.jspecify.annotations.NullMarked;
