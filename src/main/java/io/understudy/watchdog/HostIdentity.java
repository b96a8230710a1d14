package io.understudy.watchdog;

import io.understudy.model.HostId;

/**
 * Who a WatchDog works for.
 *
 * @param node the name of its node, see {@link Incarnation}
 * @param address of the node's remoting, as host:port
 * @param pid of the node's JVM
 */
public record HostIdentity(HostId host, String node, String address, long pid) {
  /** The address without the port. */
  String interfaceAddress() {
    var colon = address.lastIndexOf(':');
    return colon < 0 ? address : address.substring(0, colon);
  }
}
