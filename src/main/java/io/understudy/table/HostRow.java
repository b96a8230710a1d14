package io.understudy.table;

import io.understudy.model.HostId;

/**
 * A host as its WatchDog registered it.
 *
 * @param incarnation of its WatchDog; one that was declared dead never comes back (I9)
 * @param address of the node's remoting, as host:port
 * @param pid of the node's JVM
 * @param watchDog where orders are sent
 * @param up false from the moment it is presumed dead
 */
public record HostRow(
    HostId host, String incarnation, String address, long pid, String watchDog, boolean up) {
  HostRow down() {
    return new HostRow(host, incarnation, address, pid, watchDog, false);
  }
}
