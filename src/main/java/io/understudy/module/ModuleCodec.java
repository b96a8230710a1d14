package io.understudy.module;

import io.understudy.state.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * How a module's state, commands, events and replies are written. Events and states are kept: a
 * later version of the module must be able to read those of an earlier one.
 */
public interface ModuleCodec<S, C, E, R> extends CallCodec<C, R> {
  Bytes encodeEvent(E event);

  E decodeEvent(Bytes bytes);

  /** Writes a snapshot; called off the copy's thread. */
  void writeState(S state, OutputStream out) throws IOException;

  S readState(InputStream in) throws IOException;
}
