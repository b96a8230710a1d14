package io.understudy.launcher;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The guard's script, with a process that sleeps in the place of the JVM. */
class JvmGuardScriptTest {
  private static final long PATIENCE_SECONDS = 30;
  private static final int KILLED = 128 + 9;

  /** HUP, INT, QUIT and TERM, set after that of USR1: bits 0, 1, 2 and 14. */
  private static final Predicate<String> SIGNALS_IGNORED =
      Pattern.compile("SigIgn:\\s+\\p{XDigit}*[4-7]\\p{XDigit}{2}[7f]").asMatchPredicate();

  private static final List<String> SHELL = List.of("setsid", "bash");

  private Process jvm;
  private Process guard;

  @BeforeEach
  void start() throws IOException {
    jvm = new ProcessBuilder("sleep", "1000").start();
    guard = JvmGuard.spawn(SHELL, jvm.pid(), "");
  }

  @AfterEach
  void end() {
    jvm.destroyForcibly();
    guard.destroyForcibly();
  }

  private void say(String line) throws IOException {
    guard.getOutputStream().write((line + "\n").getBytes(US_ASCII));
    guard.getOutputStream().flush();
  }

  private int guardsCode() throws InterruptedException {
    assertThat(guard.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    return guard.exitValue();
  }

  @Test
  @DisplayName("no line within the time that the last one gave => the JVM is killed")
  void late() throws Exception {
    say("60000");
    say("50");
    assertThat(jvm.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(jvm.exitValue()).isEqualTo(KILLED);
    assertThat(guardsCode()).isEqualTo(1);
  }

  @Test
  @DisplayName("the pipe ends => the guard ends, and kills nobody whose pid it may be by now")
  void endOfFile() throws Exception {
    say("60000");
    guard.getOutputStream().close();
    assertThat(guardsCode()).isZero();
    assertThat(jvm.isAlive()).isTrue();
  }

  @Test
  @DisplayName(
      "the pipe ends => the last word is sent, once no guard of a copy holds the other pipe")
  void lastWord(@TempDir Path folder) throws Exception {
    var alive = folder.resolve("alive");
    assertThat(new ProcessBuilder("mkfifo", alive.toString()).start().waitFor()).isZero();
    var copysGuard =
        new ProcessBuilder(
                "sh", "-c", "exec 5<>\"$1\"; echo held; exec sleep 1000", "sh", "" + alive)
            .start();
    assertThat(copysGuard.getInputStream().read()).isEqualTo('h');
    guard.destroyForcibly();
    guard = JvmGuard.spawn(SHELL, jvm.pid(), alive.toString());
    awaitTraps();
    try (var ear = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      say("60000 \\0116\\0157 \\0110\\0151 127.0.0.1/" + ear.getLocalPort());
      jvm.destroyForcibly().waitFor();
      guard.getOutputStream().close();
      assertThat(guard.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();
      ear.setSoTimeout(500);
      assertThat(List.of(heard(ear), heard(ear))).containsOnly(Optional.of("No"));
      assertThat(heard(ear)).isEmpty();
      copysGuard.destroyForcibly();
      ear.setSoTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
      assertThat(heard(ear)).hasValue("Hi");
      assertThat(guardsCode()).isZero();
    } finally {
      copysGuard.destroyForcibly();
    }
  }

  @Test
  @DisplayName(
      "the kernel signals that the JVM was killed => the first word is sent and the copies are"
          + " killed, before the pipe ends")
  @Timeout(60)
  void killed() throws Exception {
    awaitTraps();
    var copy = sleeper();
    var ended = sleeper();
    var other = sleeper();
    try (var ear = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      say(
          "60000 +%1$s +%2$s _%2$s +%3$d:1 \\0110\\0151 \\0116\\0157 127.0.0.1/%4$d"
              .formatted(id(copy), id(ended), other.pid(), ear.getLocalPort()));
      jvm.destroyForcibly();
      ear.setSoTimeout(50);
      var word = Optional.<String>empty();
      while (word.isEmpty()) {
        signal("USR1"); // again, because the JVM may not have ended yet
        word = heard(ear);
      }
      assertThat(word).hasValue("Hi");
      assertThat(copy.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(guardsCode()).isZero();
      assertThat(ended.isAlive()).isTrue();
      assertThat(other.isAlive()).as("its pid is another process's by now").isTrue();
      assertThat(heard(ear)).as("said twice, since it may be lost").hasValue("Hi");
      assertThat(heard(ear)).as("it does not know when copies are dead").isEmpty();
    } finally {
      List.of(copy, ended, other).forEach(Process::destroyForcibly);
    }
  }

  @Test
  @DisplayName(
      "the thread that started it ended, and the JVM lives => nothing, and its time counts")
  @Timeout(60)
  void threadEnded() throws Exception {
    awaitTraps();
    var copy = sleeper();
    try (var ear = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      var words = "\\0110\\0151 \\0116\\0157 127.0.0.1/" + ear.getLocalPort();
      say("60000 +%s %s".formatted(id(copy), words));
      ear.setSoTimeout(50);
      for (int times = 0; times < 10; times++) {
        signal("USR1");
        assertThat(heard(ear)).isEmpty();
      }
      assertThat(copy.isAlive()).isTrue();
      say("1000");
      while (jvm.isAlive()) {
        signal("USR1"); // were its time to begin anew each time, the test would never end
        var unused = jvm.waitFor(50, TimeUnit.MILLISECONDS);
      }
      assertThat(jvm.exitValue()).isEqualTo(KILLED);
      ear.setSoTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
      assertThat(heard(ear)).as("it killed the JVM itself").hasValue("Hi");
      assertThat(copy.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    } finally {
      copy.destroyForcibly();
    }
  }

  private static Process sleeper() throws IOException {
    return new ProcessBuilder("sleep", "1000").start();
  }

  private static String id(Process process) throws IOException {
    var stat = Files.readString(Path.of("/proc/%d/stat".formatted(process.pid())));
    return "%d:%s".formatted(process.pid(), stat.substring(stat.lastIndexOf(')')).split(" ")[20]);
  }

  /** What is heard within the time that is set. */
  private static Optional<String> heard(DatagramSocket ear) throws IOException {
    var word = new DatagramPacket(new byte[10], 10);
    try {
      ear.receive(word);
    } catch (SocketTimeoutException none) {
      return Optional.empty();
    }
    return Optional.of(new String(word.getData(), 0, word.getLength(), US_ASCII));
  }

  @Test
  @DisplayName("the guard was stopped beyond the time, but a line has come => the JVM lives")
  void guardHeldUp() throws Exception {
    awaitTraps();
    say("2000");
    signal("STOP");
    assertThat(guard.waitFor(3, TimeUnit.SECONDS)).isFalse();
    say("60000");
    signal("CONT");
    guard.getOutputStream().close();
    assertThat(guardsCode()).isZero();
    assertThat(jvm.isAlive()).isTrue();
  }

  @Test
  @DisplayName("signals of a terminal do not end the guard")
  void signals() throws Exception {
    awaitTraps();
    for (String name : new String[] {"HUP", "INT", "QUIT", "TERM"}) {
      signal(name);
    }
    say("1");
    assertThat(guardsCode()).isEqualTo(1);
    assertThat(jvm.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** Until the script has begun. */
  private void awaitTraps() throws IOException, InterruptedException {
    var status = Path.of("/proc/%d/status".formatted(guard.pid()));
    while (Files.readAllLines(status).stream().noneMatch(SIGNALS_IGNORED)) {
      guard.waitFor(5, TimeUnit.MILLISECONDS);
    }
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(guard.pid())).start().waitFor();
  }
}
