/**
 * Typed registration from any actor system in the cluster.
 *
 * <p>{@link io.understudy.client.UnderstudyClient} finds the ReplicaManager wherever it runs,
 * repeats a request while it moves, and gives one typed answer.
 */
@NullMarked
package io.understudy.client;

import org.jspecify.annotations.NullMarked;
