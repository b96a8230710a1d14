package io.understudy.ocf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the resource when the copy is gone that gave orders. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class HandsTest {
  /** Takes its time to start, as a session of its own; fails to stop for the first time. */
  private static final String AGENT =
      """
      #!/bin/sh
      case $1 in
        start) touch starts; setsid -w sh -c 'sleep 0.5; echo started >>log' ;;
        stop) echo stop >>log; [ -e again ] || { echo "it is stuck"; touch again; exit 1; } ;;
        *) echo "$1" >>log ;;
      esac
      """;

  @TempDir private Path folder;

  private Process hands;
  private PrintStream orders;
  private BufferedReader said;

  @BeforeEach
  void begin() throws Exception {
    var agent = Files.writeString(folder.resolve("agent"), AGENT);
    Files.setPosixFilePermissions(agent, PosixFilePermissions.fromString("rwx------"));
    new ProcessBuilder("mkfifo", "hold").directory(folder.toFile()).start().waitFor();
    hands = start("");
    orders = new PrintStream(hands.getOutputStream(), true, StandardCharsets.US_ASCII);
    said =
        new BufferedReader(
            new InputStreamReader(hands.getInputStream(), StandardCharsets.US_ASCII));
    assertThat(said.readLine()).isEqualTo("ready");
  }

  private Process start(String held) throws IOException {
    try (var script = Hands.class.getResourceAsStream("hands.sh")) {
      var text = new String(script.readAllBytes(), StandardCharsets.UTF_8);
      return new ProcessBuilder(
              "setsid", "sh", "-c", text, "hands", "/dev/null", "hold", "out", held, "./agent")
          .directory(folder.toFile())
          .redirectError(folder.resolve("err").toFile())
          .start();
    }
  }

  @AfterEach
  void end() {
    hands.destroyForcibly();
  }

  private String told(String order) throws IOException {
    orders.println(order);
    return said.readLine();
  }

  private List<String> log() throws IOException {
    var log = folder.resolve("log");
    return Files.exists(log) ? Files.readAllLines(log) : List.of();
  }

  @Test
  @DisplayName("the copy dies amid the start => that comes to its end, then stop until it succeeds")
  void amidTheStart() throws Exception {
    orders.println("start 20.000 20000 0");
    awaitStart();
    orders.close();

    assertThat(hands.waitFor()).isZero();
    assertThat(log()).containsExactly("started", "stop", "stop");
    assertThat(folder.resolve("err"))
        .content()
        .contains("it is stuck")
        .contains("stop: code 1; until it succeeds this copy counts as alive; again in 1 s");
  }

  private void awaitStart() throws InterruptedException {
    while (!Files.exists(folder.resolve("starts"))) {
      assertThat(hands.waitFor(10, TimeUnit.MILLISECONDS)).isFalse();
    }
  }

  @Test
  @DisplayName("these hands are killed amid the start => the next ones wait for its end, and stop")
  void killedAmidTheStart() throws Exception {
    Files.createFile(folder.resolve("again"));
    orders.println("start 20.000 20000 0");
    awaitStart();
    hands.destroyForcibly().waitFor();
    var others = start("promoted");
    others.getOutputStream().close();

    assertThat(others.waitFor()).isZero();
    assertThat(log()).containsExactly("started", "demote", "stop");
  }

  @Test
  @DisplayName("it is found active, and cannot be stopped => it is tried again")
  void foundActive() throws Exception {
    assertThat(told("monitor 20.000 20000 0")).isEqualTo("0");
    assertThat(told("stop 20.000 20000 0")).isEqualTo("1");
    orders.close();

    assertThat(hands.waitFor()).isZero();
    assertThat(log()).containsExactly("monitor", "stop", "demote", "stop");
  }

  @Test
  @DisplayName("the copy dies as a promoted one => demoted, and stopped")
  void promoted() throws Exception {
    Files.createFile(folder.resolve("again"));
    assertThat(told("limits 1.000 1.000 -")).isEqualTo("0");
    assertThat(told("promote 20.000 20000 0")).isEqualTo("0");
    orders.close();

    assertThat(hands.waitFor()).isZero();
    assertThat(log()).containsExactly("promote", "demote", "stop");
  }

  @Test
  @DisplayName("it has been stopped, or never started => nothing is done")
  void nothingToDo() throws Exception {
    Files.createFile(folder.resolve("again"));
    assertThat(told("start 20.000 20000 0")).isEqualTo("0");
    assertThat(told("stop 20.000 20000 0")).isEqualTo("0");
    orders.close();

    assertThat(hands.waitFor()).isZero();
    assertThat(log()).containsExactly("started", "stop");
  }
}
