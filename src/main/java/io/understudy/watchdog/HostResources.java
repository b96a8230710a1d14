package io.understudy.watchdog;

import java.net.URI;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What all runs on a host share.
 *
 * @param blocking for whatever may wait for a disk, a process or a peer
 * @param api base address of the module API
 * @param living processes that have been started and are not known to be dead
 * @param cutOffCopies actors that could not be stopped; each still holds a thread
 */
record HostResources(
    HostIdentity identity,
    WatchDogSettings settings,
    Guard guard,
    Executor blocking,
    CopyTokens tokens,
    URI api,
    Living living,
    AtomicInteger cutOffCopies) {

  StartCheck startCheck() {
    return new StartCheck(identity.host(), settings.allowedPaths());
  }
}
