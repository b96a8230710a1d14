package io.understudy.e2e;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.time.temporal.ChronoUnit.MILLIS;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One host of a {@link Lan}: its node, started again whenever it ends, as deploy/systemd has it,
 * while there is power.
 */
final class LanHost {
  private static final long RESTART_MILLIS = 500;

  /** Nobody times these nodes, and there are many: a start takes a third less of the processors. */
  static final String COMPILES_LATE = "-XX:CompileThresholdScaling=1";

  private final Namespaces net;
  private final String name;
  private final Path settings;
  private final Path log;
  private boolean power;
  private Process node;

  /**
   * A host without power.
   *
   * @param settings of its node
   */
  LanHost(Namespaces net, String name, Path settings, Path log) {
    this.net = net;
    this.name = name;
    this.settings = settings;
    this.log = log;
  }

  String name() {
    return name;
  }

  /** Starts its node, unless there is power already. */
  synchronized void powerOn() {
    if (!power) {
      power = true;
      launch();
      Thread.ofPlatform().daemon().name("unit-of-" + name).start(() -> keepRunning());
    }
  }

  /** What has ended from now on stays so. */
  synchronized void disable() {
    power = false;
  }

  /** The cable goes dead first, so that nobody hears the processes die. */
  void powerOff() {
    disable();
    net.pull(name);
    net.kill(name);
  }

  /** All its processes die, and its kernel closes what they had open. */
  void crash() {
    disable();
    net.kill(name);
  }

  private void keepRunning() {
    try {
      for (var running = node(); running != null; running = next(running)) {
        note("its node has ended with " + running.waitFor());
        Thread.sleep(RESTART_MILLIS); // as systemd waits before it starts a unit again
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** In the node's own log, and in the same format. */
  void note(String what) {
    try {
      var now = LocalTime.now(ZoneOffset.UTC).truncatedTo(MILLIS);
      Files.writeString(log, "%s UNIT  %s: %s%n".formatted(now, name, what), CREATE, APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** After one that ended, unless there is no power, or was none meanwhile. */
  private synchronized @Nullable Process next(Process ended) {
    if (!power || !ended.equals(node)) {
      return null;
    }
    return launch();
  }

  private Process launch() {
    var command = net.inside(name, "deploy/understudy", "node", "--config", settings.toString());
    var builder =
        new ProcessBuilder(command)
            .directory(Shell.PROJECT.toFile())
            .redirectErrorStream(true)
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(Redirect.appendTo(log.toFile()));
    builder.environment().keySet().removeIf(key -> key.startsWith("UNDERSTUDY_"));
    builder.environment().put("UNDERSTUDY_JAVA_OPTS", COMPILES_LATE);
    try {
      note("its node starts");
      node = builder.start();
      return node;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The node's process, which is the JVM: "ip netns exec" and the launcher both become it. */
  synchronized Process node() {
    return node;
  }

  /** SIGSTOP to the node, and not to its copies. */
  void pause() {
    signal("STOP");
  }

  /** SIGCONT; a node that was killed meanwhile does not mind. */
  void goOn() {
    Shell.run(Map.of(), "kill", "-CONT", Long.toString(node().pid()));
  }

  private void signal(String signal) {
    Shell.run(Map.of(), "kill", "-" + signal, Long.toString(node().pid())).ok();
  }

  /** Waits until it has said that it is ready. */
  void awaitReady() {
    Await.until(() -> assertThat(said()).contains(name + " is ready"));
  }

  private String said() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
