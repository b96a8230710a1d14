package io.understudy.watchdog;

import io.understudy.state.Request;
import java.util.ArrayList;
import java.util.List;

/**
 * What clients ask of a copy, until its module has a hand free: what gathers meanwhile goes
 * together. It holds 10,000 requests, or 32 MiB of them.
 */
final class Asked {
  private static final int MOST = 10_000;
  private static final long MOST_BYTES = 32L << 20;

  /** Batches that the module has in hand. */
  private static final int MOST_DECIDING = 2;

  private final List<Request> requests = new ArrayList<>();
  private long bytes;
  private int deciding;

  boolean isFull() {
    return requests.size() >= MOST || bytes >= MOST_BYTES;
  }

  void add(Request request) {
    requests.add(request);
    bytes += request.command().length();
  }

  /** Those that can go now, none or all. */
  List<Request> take() {
    if (deciding >= MOST_DECIDING) {
      return List.of();
    }
    var all = List.copyOf(requests);
    requests.clear();
    bytes = 0;
    return all;
  }

  /** The module has a batch more in hand. */
  void given() {
    deciding++;
  }

  /** And one less. */
  void decided() {
    deciding--;
  }
}
