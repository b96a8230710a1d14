package io.understudy.launcher;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The guard's script, with a process that sleeps in the place of the JVM. */
class JvmGuardScriptTest {
  private static final long PATIENCE_SECONDS = 30;
  private static final int KILLED = 128 + 9;

  private Process jvm;
  private Process guard;

  @BeforeEach
  void start() throws IOException {
    jvm = new ProcessBuilder("sleep", "1000").start();
    guard = JvmGuard.spawn("setsid", "bash", jvm.pid());
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
  @DisplayName("the guard was stopped beyond the time, but a line has come => the JVM lives")
  void guardHeldUp() throws Exception {
    say("200");
    signal("STOP");
    for (int paused = 0; paused < 20; paused++) { // well beyond the 200 ms
      guard.waitFor(20, TimeUnit.MILLISECONDS);
    }
    say("60000");
    signal("CONT");
    guard.getOutputStream().close();
    assertThat(guardsCode()).isZero();
    assertThat(jvm.isAlive()).isTrue();
  }

  @Test
  @DisplayName("signals of a terminal do not end the guard")
  void signals() throws Exception {
    for (String name : new String[] {"HUP", "INT", "QUIT", "TERM"}) {
      signal(name);
    }
    say("1");
    assertThat(guardsCode()).isEqualTo(1);
    assertThat(jvm.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(guard.pid())).start().waitFor();
  }
}
