/**
 * The HTTP face of a node: the table, modules, hosts, ring and events as JSON or text, and writes
 * for those who may.
 *
 * <p>Any node answers: what only the manager's node knows is fetched from there over the cluster's
 * own remoting, so that management may stay bound to loopback. It decides nothing; a refusal is the
 * ReplicaManager's or the module file's, passed on with its reason and remedy.
 */
@NullMarked
package io.understudy.management;

import org.jspecify.annotations.NullMarked;
