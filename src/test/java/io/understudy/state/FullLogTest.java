package io.understudy.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.CopyId;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateGroup;
import io.understudy.model.StateGroup.Member;
import io.understudy.model.StateSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A module that never gives its state away, in a JVM with the memory of a node. */
class FullLogTest {
  private static final CopyId COPY = new CopyId(new ModuleId("A"), 1);
  private static final int REST_OF_THE_NODE = 80 << 20;

  @TempDir Path folder;

  @ParameterizedTest(name = "updates of {0} bytes")
  @ValueSource(ints = {20, 10_000})
  @DisplayName("no snapshot can be taken => updates are refused while the node has memory left")
  void refused(int bytes) throws Exception {
    var said = folder.resolve("said");
    var node =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                FullLogTest.class.getName(),
                Integer.toString(bytes))
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    assertThat(node.waitFor()).as("%s", Files.readString(said)).isZero();
  }

  /** The node; its argument is the length of each update. */
  public static void main(String[] arguments) {
    var rest = new byte[REST_OF_THE_NODE];
    var payload = new byte[Integer.parseInt(arguments[0])];
    var replica = sequencer();
    for (var number = 1L; ; number += 100) {
      var requests =
          LongStream.range(number, number + 100)
              .mapToObj(one -> named(one, Bytes.of(payload)))
              .toList();
      var step = replica.decide(new Input.Ask(requests), Duration.ofMillis(number));
      replica = step.replica();
      if (step.outputs().stream().anyMatch(FullLogTest::refusal)) {
        break;
      }
    }
    System.out.printf("%d bytes, beside %d%n", replica.logBytes(), rest.length);
  }

  private static Request named(long number, Bytes command) {
    var client = new RequestId("d1f2a5c0-0f3f-4a5e-9d55-1f0a6a6c7e10/" + number % 100, number);
    return new Request(new Origin(COPY, 1, number), Optional.of(client), command);
  }

  private static boolean refusal(Output output) {
    return output instanceof Output.Answer(var ticket, Reply.Overloaded refused);
  }

  private static Replica sequencer() {
    var self = new Self(COPY, 1, ReplicationStyle.WARM, Self.Follows.COMMITS);
    var spec = StateSpec.DEFAULT.withCheckpoint(new CheckpointPolicy.None());
    var members = List.of(new Member(COPY, 1, new HostId("H1"), "", true));
    var group = new StateGroup(1, spec, COPY, members);
    return Replica.create(self)
        .decide(new Input.Ordered(new Epoch(1), group), Duration.ZERO)
        .replica();
  }
}
