package io.understudy.state;

import io.understudy.model.Epoch;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** The parts of a snapshot's header in bytes. */
final class Wire {
  private Wire() {}

  static void write(DataOutput out, Position position) throws IOException {
    out.writeLong(position.epoch().value());
    out.writeLong(position.sequence());
  }

  static Position readPosition(DataInput in) throws IOException {
    return new Position(new Epoch(in.readLong()), in.readLong());
  }
}
