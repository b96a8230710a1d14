/**
 * The ReplicaManager: the cluster singleton that keeps the table in the journal (I1) and sends
 * hosts what they owe.
 *
 * <p>It decides nothing itself: {@link io.understudy.table.ReplicationTable} does. It persists, and
 * only then orders (I2), and it orders again until the WatchDogs answer (I3).
 */
@NullMarked
package io.understudy.manager;

import org.jspecify.annotations.NullMarked;
