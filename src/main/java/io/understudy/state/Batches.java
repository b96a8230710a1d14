package io.understudy.state;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * What goes together in one message between nodes. Remoting drops a message that is longer than its
 * frame (1 MiB), and tells nobody.
 */
public final class Batches {
  /** What one command, or the events and the reply of one decision, may have; in bytes. */
  public static final int LONGEST = 1_000_000;

  /** Of a message; a single item may be longer. */
  static final int MOST_BYTES = 256 * 1024;

  private static final int OVERHEAD = 100; // about what an item takes besides its bytes

  private Batches() {}

  /** All items, in their order, in lists that are short enough; none is empty. */
  public static <T> List<List<T>> of(List<T> items, ToIntFunction<T> bytes) {
    var batches = new ArrayList<List<T>>();
    var begin = 0;
    var size = 0L;
    for (var next = 0; next < items.size(); next++) {
      var more = OVERHEAD + bytes.applyAsInt(items.get(next));
      if (next > begin && size + more > MOST_BYTES) {
        batches.add(List.copyOf(items.subList(begin, next)));
        begin = next;
        size = 0;
      }
      size += more;
    }
    if (begin < items.size()) {
      batches.add(List.copyOf(items.subList(begin, items.size())));
    }
    return batches;
  }
}
