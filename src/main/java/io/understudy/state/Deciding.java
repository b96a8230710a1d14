package io.understudy.state;

import java.util.List;
import org.pcollections.AmortizedPQueue;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.PQueue;

/**
 * What the module has been given to decide, in order.
 *
 * @param clients of the named requests among them, with the highest number
 */
record Deciding(PQueue<Request> requests, HashPMap<String, Long> clients) {
  static final Deciding NOTHING = new Deciding(AmortizedPQueue.empty(), HashTreePMap.empty());

  Deciding plus(Request request) {
    var more = request.id().map(id -> clients.plus(id.client(), id.number())).orElse(clients);
    return new Deciding(requests.plus(request), more);
  }

  /** Without the first one. */
  Deciding minus() {
    var left = clients;
    var id = requests.peek().id();
    if (id.isPresent() && of(id.get().client()) == id.get().number()) {
      left = left.minus(id.get().client());
    }
    return new Deciding(requests.minus(), left);
  }

  /** The number of the client's request that is being decided, or 0. */
  long of(String client) {
    return clients.getOrDefault(client, 0L);
  }

  boolean isEmpty() {
    return requests.isEmpty();
  }

  int size() {
    return requests.size();
  }

  List<Request> all() {
    return List.copyOf(requests);
  }
}
