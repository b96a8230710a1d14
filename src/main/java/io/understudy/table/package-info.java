/**
 * The replication table of FIG. 2 and the whole policy of recovery, as pure functions.
 *
 * <p>{@link io.understudy.table.ReplicationTable#decide} says which events follow from a change,
 * {@link io.understudy.table.ReplicationTable#evolve} applies one, and {@link
 * io.understudy.table.ReplicationTable#owed} reads from the table what each host should be running
 * (I3). Nothing here knows a clock, a network or a disk: time arrives as an argument.
 */
@NullMarked
package io.understudy.table;

import org.jspecify.annotations.NullMarked;
