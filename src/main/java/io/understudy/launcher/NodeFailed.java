package io.understudy.launcher;

import org.apache.pekko.actor.CoordinatedShutdown;

/** A node that ends because it cannot go on; its exit code is set under this class's name. */
record NodeFailed(String message) implements CoordinatedShutdown.Reason {}
