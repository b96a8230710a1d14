package io.understudy.model;

/** An application module by name: the A, B and C of FIG. 2. */
public record ModuleId(String value) implements Comparable<ModuleId> {
  /** Throws {@link IllegalArgumentException} with the remedy when the name is malformed. */
  public ModuleId {
    Names.require("module", value);
  }

  @Override
  public int compareTo(ModuleId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
