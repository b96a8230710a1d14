package io.understudy.watchdog;

import java.io.IOException;
import java.io.OutputStream;

/** A module's state as it was at one moment, to be written while the module goes on. */
interface Capturing {
  void writeTo(OutputStream out) throws IOException;

  /** It has been written, or never will be: what it takes on the disk is given back. */
  default void discard() throws IOException {}
}
