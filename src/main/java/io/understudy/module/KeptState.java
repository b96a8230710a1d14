package io.understudy.module;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The state of a module that is a Java process: the same on every copy, for it follows from the
 * updates alone. All calls come from one thread, {@link LocalState#follow}'s.
 */
public interface KeptState {
  /**
   * Forgets what it is, and becomes what {@link #write} wrote once, maybe on another host.
   *
   * @param sequence the last update that is in it; with 0 it is the initial state, and empty
   */
  void restore(long sequence, InputStream state) throws IOException;

  /** The next update, which is committed. */
  void apply(long sequence, byte[] update);

  /** Writes what it is now. */
  void write(OutputStream out) throws IOException;
}
