package io.understudy.launcher;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guard's script, with a process that sleeps in the place of the JVM. */
class JvmGuardScriptTest {
  private static final long PATIENCE_SECONDS = 30;
  private static final int KILLED = 128 + 9;

  /** HUP, INT, QUIT and TERM: bits 0, 1, 2 and 14. */
  private static final Predicate<String> SIGNALS_IGNORED =
      Pattern.compile("SigIgn:\\s+\\p{XDigit}*[4-7]\\p{XDigit}{2}[7f]").asMatchPredicate();

  private Process jvm;
  private Process guard;

  @BeforeEach
  void start() throws IOException {
    jvm = new ProcessBuilder("sleep", "1000").start();
    guard = JvmGuard.spawn("setsid", "bash", jvm.pid(), "");
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
    guard = JvmGuard.spawn("setsid", "bash", jvm.pid(), alive.toString());
    try (var ear = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      say("60000 \\0110\\0151 127.0.0.1/" + ear.getLocalPort());
      guard.getOutputStream().close();
      assertThat(guard.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();
      ear.setSoTimeout(1);
      var word = new DatagramPacket(new byte[10], 10);
      assertThatThrownBy(() -> ear.receive(word)).isInstanceOf(SocketTimeoutException.class);
      copysGuard.destroyForcibly();
      ear.setSoTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
      ear.receive(word);
      assertThat(new String(word.getData(), 0, word.getLength(), US_ASCII)).isEqualTo("Hi");
      assertThat(guardsCode()).isZero();
    } finally {
      copysGuard.destroyForcibly();
    }
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
