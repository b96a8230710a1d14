/**
 * What the author of an application module implements or calls when its copies are actors.
 *
 * <p>A {@link io.understudy.module.ModuleActor} is named in a registration as {@code
 * actor:fully.qualified.ClassName} and runs in the JVM of its host's WatchDog on a thread of its
 * own. Through its {@link io.understudy.module.CopyContext} it sends heartbeats and says that it is
 * ready; programs in any language do the same over the WatchDog's local HTTP API.
 */
@NullMarked
package io.understudy.module;

import org.jspecify.annotations.NullMarked;
