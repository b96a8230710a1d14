package io.understudy.state;

import java.util.List;
import java.util.stream.Stream;
import org.pcollections.AmortizedPQueue;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.PQueue;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * What the module has been given to decide, in order.
 *
 * @param clients of the named requests among them, with the highest number
 * @param repeated the same as one of them: they wait for its decision
 * @param bytes of all their commands
 */
record Deciding(
    PQueue<Request> requests,
    HashPMap<String, Long> clients,
    PVector<Request> repeated,
    long bytes) {
  static final Deciding NOTHING =
      new Deciding(AmortizedPQueue.empty(), HashTreePMap.empty(), TreePVector.empty(), 0);

  Deciding plus(Request request) {
    var more = request.id().map(id -> clients.plus(id.client(), id.number())).orElse(clients);
    return new Deciding(requests.plus(request), more, repeated, bytes + length(request));
  }

  /** Without the first one. */
  Deciding minus() {
    var left = clients;
    var first = requests.peek();
    var id = first.id();
    if (id.isPresent() && of(id.get().client()) == id.get().number()) {
      left = left.minus(id.get().client());
    }
    return new Deciding(requests.minus(), left, repeated, bytes - length(first));
  }

  Deciding repeat(Request request) {
    return new Deciding(requests, clients, repeated.plus(request), bytes + length(request));
  }

  Deciding withoutRepeated() {
    var gone = repeated.stream().mapToLong(Deciding::length).sum();
    return new Deciding(requests, clients, TreePVector.empty(), bytes - gone);
  }

  /** The number of the client's request that is being decided, or 0. */
  long of(String client) {
    return clients.getOrDefault(client, 0L);
  }

  boolean isEmpty() {
    return requests.isEmpty();
  }

  int size() {
    return requests.size() + repeated.size();
  }

  List<Request> all() {
    return Stream.concat(requests.stream(), repeated.stream()).toList();
  }

  private static int length(Request request) {
    return request.command().length();
  }
}
