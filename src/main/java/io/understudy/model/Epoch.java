package io.understudy.model;

/** How often a module's primaries have changed; lower epochs are refused everywhere (I4). */
public record Epoch(long value) implements Comparable<Epoch> {
  /** Before the first primary. */
  public static final Epoch NONE = new Epoch(0);

  /** The epoch that the next change of primaries opens. */
  public Epoch next() {
    return new Epoch(value + 1);
  }

  @Override
  public int compareTo(Epoch other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
