package io.understudy.model;

/** A host computer by the name its operator gave it (patent [0012], FIG. 1). */
public record HostId(String value) implements Comparable<HostId> {
  /** Throws {@link IllegalArgumentException} with the remedy when the name is malformed. */
  public HostId {
    Names.require("host", value);
  }

  @Override
  public int compareTo(HostId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
