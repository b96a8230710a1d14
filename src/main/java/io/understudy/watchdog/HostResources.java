package io.understudy.watchdog;

import java.net.URI;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * What all runs on a host share.
 *
 * @param blocking for whatever may wait for a disk, a process or a peer
 * @param api base address of the module API
 * @param living processes that have been started and are not known to be dead
 * @param cutOffCopies actors that could not be stopped; each still holds a thread
 * @param lease for how long primaries may run here
 */
record HostResources(
    HostIdentity identity,
    WatchDogSettings settings,
    Guard guard,
    Executor blocking,
    CopyTokens tokens,
    URI api,
    Living living,
    AtomicInteger cutOffCopies,
    StateResources states,
    Supplier<Lease> lease) {

  StartCheck startCheck() {
    return new StartCheck(identity.host(), settings.allowedPaths());
  }
}
