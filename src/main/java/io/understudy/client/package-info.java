/**
 * Typed registration, and typed references to modules, from any actor system in the cluster.
 *
 * <p>{@link io.understudy.client.UnderstudyClient} finds the ReplicaManager wherever it runs,
 * repeats a request while it moves, and gives one typed answer. {@link
 * io.understudy.client.ModuleRef} follows a module's primaries.
 */
@NullMarked
package io.understudy.client;

import org.jspecify.annotations.NullMarked;
