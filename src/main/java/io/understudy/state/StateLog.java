package io.understudy.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The updates after a base, in order and without a gap.
 *
 * <p>Immutable to who uses it. Logs that grew from one another share their chunks: the newest of
 * them writes on behind the last update that any of them has, and an older one that is appended to
 * copies its last chunk first. Readers look at nothing behind their own end.
 */
final class StateLog {
  private static final int BITS = 8;
  private static final int CHUNK = 1 << BITS;

  private final Position base;
  private final Position end;
  private final List<Position> marks; // the last position of each epoch before the end's
  private final Chunk[] chunks; // the first one holds the sequence after the base
  private final long bytes;

  private static final class Chunk {
    final @Nullable Update[] updates = new Update[CHUNK];
    int used;
  }

  private StateLog(Position base, Position end, List<Position> marks, Chunk[] chunks, long bytes) {
    this.base = base;
    this.end = end;
    this.marks = marks;
    this.chunks = chunks;
    this.bytes = bytes;
  }

  static StateLog startingAt(Position base) {
    return new StateLog(base, base, List.of(), new Chunk[0], 0);
  }

  Position base() {
    return base;
  }

  Position end() {
    return end;
  }

  long last() {
    return end.sequence();
  }

  /** About what its updates take in memory, in bytes. */
  long bytes() {
    return bytes;
  }

  Lineage lineage() {
    var all = new ArrayList<>(marks);
    all.add(end);
    return new Lineage(base.sequence(), all);
  }

  boolean contains(Position position) {
    var sequence = position.sequence();
    return sequence >= base.sequence() && sequence <= last() && at(sequence).equals(position);
  }

  /** The position of a sequence from the base to the end. */
  Position at(long sequence) {
    return sequence == base.sequence() ? base : get(sequence).at();
  }

  Update get(long sequence) {
    if (sequence <= base.sequence() || sequence > last()) {
      throw new IndexOutOfBoundsException(
          "update %d is not in a log from %s to %s".formatted(sequence, base, end));
    }
    return Objects.requireNonNull(chunks[index(sequence)].updates[slot(sequence)]);
  }

  StateLog plus(Update update) {
    var sequence = update.sequence();
    if (sequence != last() + 1) {
      throw new IllegalArgumentException("update %s cannot follow %s".formatted(update.at(), end));
    }
    var index = index(sequence);
    var grown = index < chunks.length ? chunks : Arrays.copyOf(chunks, index + 1);
    if (index == chunks.length) {
      grown[index] = new Chunk();
      grown[index].used = slot(sequence);
    } else if (chunks[index].used != slot(sequence)) {
      grown = chunks.clone();
      grown[index] = copy(chunks[index], 0, slot(sequence));
    }
    grown[index].updates[slot(sequence)] = update;
    grown[index].used++;
    var same = update.at().epoch().equals(end.epoch());
    return new StateLog(
        base, update.at(), same ? marks : plus(marks, end), grown, bytes + update.memory());
  }

  StateLog plus(List<Update> updates) {
    var log = this;
    for (var update : updates) {
      log = log.plus(update);
    }
    return log;
  }

  /** Without what comes after. */
  StateLog upTo(long sequence) {
    if (sequence == last()) {
      return this;
    }
    var to = at(sequence);
    var left = sequence == base.sequence() ? 0 : index(sequence) + 1;
    var before =
        marks.stream()
            .filter(mark -> mark.sequence() < sequence && !mark.epoch().equals(to.epoch()))
            .toList();
    return new StateLog(
        base, to, before, Arrays.copyOf(chunks, left), bytes - sizeOf(sequence, last()));
  }

  /** Without this update and what comes before; the position must be in the log. */
  StateLog from(Position newBase) {
    var sequence = newBase.sequence();
    if (sequence == base.sequence()) {
      return this;
    }
    return new StateLog(
        newBase,
        end,
        marks.stream().filter(mark -> mark.sequence() >= sequence).toList(),
        chunksAfter(sequence),
        bytes - sizeOf(base.sequence(), sequence));
  }

  /** They hold nothing of what is cut off, which takes its memory until nothing refers to it. */
  private Chunk[] chunksAfter(long sequence) {
    if (sequence == last()) {
      return new Chunk[0];
    }
    var left = Arrays.copyOfRange(chunks, index(sequence + 1), chunks.length);
    var used = left.length == 1 ? slot(last()) + 1 : CHUNK;
    left[0] = copy(left[0], slot(sequence + 1), used);
    return left;
  }

  /** Those after a sequence up to another: at most so many, and so many bytes or a single one. */
  List<Update> slice(long after, long upTo, int mostUpdates, long mostBytes) {
    var slice = new ArrayList<Update>((int) Math.min(mostUpdates, upTo - after));
    var size = 0L;
    for (var next = after + 1; next <= upTo && slice.size() < mostUpdates; next++) {
      var update = get(next);
      size += update.size();
      if (size > mostBytes && !slice.isEmpty()) {
        break;
      }
      slice.add(update);
    }
    return List.copyOf(slice);
  }

  List<Update> slice(long after, long upTo) {
    return slice(after, upTo, Integer.MAX_VALUE, Long.MAX_VALUE);
  }

  /** About what those after a sequence up to another take in memory, in bytes. */
  long sizeOf(long after, long upTo) {
    var size = 0L;
    for (var next = after + 1; next <= upTo; next++) {
      size += get(next).memory();
    }
    return size;
  }

  private int index(long sequence) {
    return (int) ((sequence >> BITS) - ((base.sequence() + 1) >> BITS));
  }

  private static int slot(long sequence) {
    return (int) (sequence & (CHUNK - 1));
  }

  private static Chunk copy(Chunk of, int from, int used) {
    var copy = new Chunk();
    System.arraycopy(of.updates, from, copy.updates, from, used - from);
    copy.used = used;
    return copy;
  }

  private static List<Position> plus(List<Position> marks, Position mark) {
    var more = new ArrayList<>(marks);
    more.add(mark);
    return List.copyOf(more);
  }
}
