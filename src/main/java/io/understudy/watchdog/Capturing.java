package io.understudy.watchdog;

import java.io.IOException;
import java.io.OutputStream;

/** A module's state as it was at one moment, to be written while the module goes on. */
interface Capturing {
  void writeTo(OutputStream out) throws IOException;
}
