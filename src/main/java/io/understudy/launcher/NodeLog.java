package io.understudy.launcher;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * Has a thread of its own write a node's log lines while this is open. Who logs does not wait for
 * whoever reads: a terminal that was stopped, or a disk that hangs, would hold up the WatchDog, and
 * the guard would kill the node with all its copies. Lines for which there is no room are lost.
 */
final class NodeLog implements AutoCloseable {
  private static final String DIRECT = "err";
  private static final String LINES = "lines";
  private static final int ROOM = 4096;

  private final Logger root;
  private final AsyncAppender lines;
  private final Appender<ILoggingEvent> direct;

  private NodeLog(Logger root, Appender<ILoggingEvent> direct) {
    this.root = root;
    this.direct = direct;
    this.lines = new AsyncAppender();
    lines.setName(LINES);
    lines.setContext(root.getLoggerContext());
    lines.setQueueSize(ROOM);
    lines.setDiscardingThreshold(0);
    lines.setNeverBlock(true);
  }

  /** Empty where somebody has configured the log otherwise. */
  static Optional<NodeLog> open() {
    if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
      var log = Optional.ofNullable(root.getAppender(DIRECT)).map(it -> new NodeLog(root, it));
      log.ifPresent(NodeLog::begin);
      return log;
    }
    return Optional.empty();
  }

  private void begin() {
    root.detachAppender(direct);
    lines.addAppender(direct);
    lines.start();
    root.addAppender(lines);
  }

  /** Writes what is left for a JVM that is about to be halted; takes a second at most. */
  static void flush() {
    if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root
        && root.getAppender(LINES) instanceof AsyncAppender lines) {
      lines.stop();
    }
  }

  /** What is left is written, unless that takes longer than a second. */
  @Override
  public void close() {
    root.detachAppender(lines);
    lines.stop();
    direct.start();
    root.addAppender(direct);
  }
}
