package io.understudy.module;

import io.understudy.state.Bytes;

/**
 * How what clients ask and are answered is written. What cannot be read throws {@link
 * IllegalArgumentException}. Safe to use from any thread.
 */
public interface CallCodec<C, R> {
  Bytes encodeCommand(C command);

  C decodeCommand(Bytes bytes);

  Bytes encodeReply(R reply);

  R decodeReply(Bytes bytes);
}
