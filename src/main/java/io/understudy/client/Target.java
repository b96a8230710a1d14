package io.understudy.client;

import io.understudy.model.CopyId;

/**
 * A primary that requests may be sent to.
 *
 * @param run tells its lives apart
 * @param address of its host's remoting, as host:port
 */
record Target(CopyId copy, long run, String address) {}
