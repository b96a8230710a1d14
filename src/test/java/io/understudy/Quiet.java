package io.understudy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Keeps out of the output, until it is closed, what a test brings about on purpose. */
public final class Quiet implements AutoCloseable {
  private final List<String> loggers;

  public Quiet(String... loggers) {
    this.loggers = List.of(loggers);
    set(Level.OFF);
  }

  private void set(Level level) {
    loggers.forEach(name -> ((Logger) LoggerFactory.getLogger(name)).setLevel(level));
  }

  @Override
  public void close() {
    set(null);
  }
}
