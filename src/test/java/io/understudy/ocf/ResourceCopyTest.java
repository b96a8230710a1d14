package io.understudy.ocf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.module.LocalApi.Standing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an agent is told to do, and what follows from what it says. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ResourceCopyTest {
  @TempDir private Path folder;

  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private int begun;
  private final CountDownLatch lost = new CountDownLatch(1);

  @BeforeEach
  void install() throws Exception {
    Agents.install(folder.resolve("ocf"));
    new ProcessBuilder("mkfifo", folder.resolve("hold").toString()).start().waitFor();
  }

  @AfterEach
  void stop() throws IOException {
    own().forEach(ProcessHandle::destroyForcibly);
    var pid = folder.resolve("H1.pid");
    if (Files.exists(pid)) {
      ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
          .ifPresent(ProcessHandle::destroy);
    }
  }

  private Stream<ProcessHandle> own() {
    return ProcessHandle.current()
        .children()
        .filter(it -> it.info().commandLine().orElse("").contains(folder.toString()));
  }

  private ResourceAgent agent(String name, Map<String, String> parameters) {
    return new ResourceAgent(AgentName.parse(name), folder.resolve("ocf"), "vip", "H1", parameters);
  }

  private Hands hands(ResourceAgent agent) {
    var hold = folder.resolve("hold").toString();
    var pipes = new Hands.Pipes("/dev/null", hold, folder.resolve("out" + begun++));
    return Hands.begin(
        agent, pipes, new PrintStream(log, true, StandardCharsets.UTF_8), lost::countDown);
  }

  private Hands hands(String name) {
    return hands(agent(name, Map.of("folder", folder.toString())));
  }

  private ResourceCopy copy(String name) {
    var agent = agent(name, Map.of("folder", folder.toString()));
    var hands = hands(agent);
    return new ResourceCopy(agent, hands, hands.metaData());
  }

  private static Standing standing(CopyStatus status) {
    return new Standing(status, new Epoch(1));
  }

  private List<String> done() throws IOException {
    try {
      return Files.readAllLines(folder.resolve("log"));
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  @Test
  @DisplayName("backup, primary, backup, end => started, promoted, demoted, stopped")
  void promotes() throws Exception {
    var copy = copy("test:Mark");
    copy.start();
    copy.look();
    copy.take(standing(CopyStatus.BACKUP));
    assertThat(copy.pause()).isEqualTo(Duration.ofMillis(500));
    copy.take(standing(CopyStatus.PRIMARY));
    copy.look();
    assertThat(copy.pause()).isEqualTo(Duration.ofMillis(250));
    copy.take(standing(CopyStatus.PRIMARY));
    copy.take(standing(CopyStatus.BACKUP));
    copy.look();

    copy.stop();
    copy.stop();
    assertThat(done())
        .containsExactly("H1 started", "H1 promoted", "H1 started", "H1 stopping", "H1 stopped");
    assertThatThrownBy(() -> copy.take(standing(CopyStatus.PRIMARY))).hasMessage("the copy ends");
    assertThatThrownBy(copy::start).hasMessage("the copy ends");
    assertThat(done()).endsWith("H1 stopped");
  }

  @Test
  @DisplayName("an agent without promote: primary by its start; as a backup it is refused")
  void plain() {
    var copy = copy("test:Plain");
    copy.check(CopyStatus.PRIMARY);
    copy.start();
    copy.take(standing(CopyStatus.PRIMARY));
    copy.look();

    assertThatThrownBy(() -> copy.check(CopyStatus.BACKUP))
        .hasMessage(
            "resource agent test:Plain: it has no promote, so that a backup would serve as the"
                + " primary does; register module vip as cold, or as hot");
    assertThatThrownBy(() -> copy.take(standing(CopyStatus.BACKUP)))
        .isInstanceOf(ResourceFailed.class);
  }

  @Test
  @DisplayName("what an earlier copy left is stopped before the start")
  void leftover() throws Exception {
    copy("test:Mark").start();
    copy("test:Mark").start();

    assertThat(done()).containsExactly("H1 started", "H1 stopping", "H1 stopped", "H1 started");
  }

  @Test
  @DisplayName("the resource ends, or is less than it should be: the look fails and says why")
  void looks() throws Exception {
    var copy = copy("test:Mark");
    copy.start();
    copy.take(standing(CopyStatus.PRIMARY));
    Files.writeString(folder.resolve("H1.state"), "started\n");
    assertThatThrownBy(copy::look)
        .hasMessage("resource agent test:Mark: monitor: code 0 (success)");

    Files.delete(folder.resolve("H1.state"));
    assertThatThrownBy(copy::look)
        .hasMessage(
            "resource agent test:Mark: monitor: code 7 (not running): there is no %s"
                .formatted(folder.resolve("H1.state")));
  }

  @Test
  @DisplayName("an action that takes too long is killed")
  void tooSlow() {
    var outcome = hands("test:Mark").run("stop", Duration.ofMillis(50), Duration.ZERO);

    assertThat(outcome).hasToString("stop: code 124 (too slow, killed)");
  }

  @Test
  @DisplayName("what runs the agent is killed: it is said, and one other is ready to stop it")
  void handsKilled() throws Exception {
    var hands = hands("test:Mark");
    own().forEach(ProcessHandle::destroyForcibly);

    assertThat(lost.await(30, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(() -> hands.run("monitor", Duration.ofSeconds(5), Duration.ZERO))
        .hasMessageContaining("which ran the resource agent, was killed");
    assertThat(own()).hasSize(1);
  }

  @Test
  @DisplayName("agents that are not there, wrong names and parameters: each has its error")
  void refusals() {
    assertThatThrownBy(() -> agent("test:Nothing", Map.of()))
        .hasMessage(
            "resource agent test:Nothing: no program %s; install it on H1, or set OCF_ROOT there"
                .formatted(folder.resolve("ocf/resource.d/test/Nothing")));
    assertThatThrownBy(() -> agent("../../bin/sh", Map.of()))
        .hasMessage("resource agent ../../bin/sh: write PROVIDER:TYPE, as in heartbeat:IPaddr2");
    assertThatThrownBy(() -> check(Map.of("folder", "/tmp", "floder", "/tmp")))
        .hasMessage("resource agent test:Mark has no parameter floder; it has extra, folder");
    assertThatThrownBy(() -> check(Map.of("extra", "1", "folder", "")))
        .hasMessage(
            "resource agent test:Mark needs folder; add NAME=VALUE to the copy's arguments");
  }

  private void check(Map<String, String> parameters) {
    var agent = agent("ocf:test:Mark", parameters);
    hands(agent).metaData().check(agent.name(), parameters);
  }

  @Test
  @DisplayName("meta-data: time-outs with and without units, and what is not XML")
  void metaData() {
    var metaData = hands("test:Mark").metaData();

    assertThat(metaData.timeout("start")).isEqualTo(Duration.ofSeconds(20));
    assertThat(metaData.timeout("stop")).isEqualTo(Duration.ofSeconds(15));
    assertThat(metaData.timeout("promote")).isEqualTo(Duration.ofMinutes(2));
    assertThat(metaData.timeout("notify")).isEqualTo(Duration.ofSeconds(20));
    assertThat(metaData.promotable()).isTrue();
    assertThat(hands("test:Plain").metaData().promotable()).isFalse();
    assertThatThrownBy(() -> MetaData.parse(AgentName.parse("a:b"), "<resource-agent>"))
        .isInstanceOf(ResourceFailed.class)
        .hasMessageStartingWith("resource agent a:b: its meta-data is not what it should be: ");
  }
}
