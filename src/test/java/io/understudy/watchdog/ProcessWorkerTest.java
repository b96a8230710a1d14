package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.Epoch;
import io.understudy.state.Bytes;
import io.understudy.state.Position;
import io.understudy.state.Update;
import io.understudy.watchdog.StateCopyProtocol.Beginning;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a module that is a process begins with, and goes on with. */
class ProcessWorkerTest {
  @TempDir Path folder;
  private ProcessWorker worker;
  private SnapshotFiles files;

  /** What it is told. */
  private static final class Told implements StateCopyProtocol.Feed {
    private final List<Long> updates = new ArrayList<>();
    private Optional<String> end = Optional.empty();

    @Override
    public void updates(List<Update> these) {
      these.forEach(update -> updates.add(update.sequence()));
    }

    @Override
    public void wanted(long sequence) {}

    @Override
    public void end(String reason) {
      end = Optional.of(reason);
    }
  }

  @BeforeEach
  void begin() {
    files = new SnapshotFiles(folder, 1, Runnable::run);
    worker = new ProcessWorker(files, (number, state) -> {}, reason -> {}, became -> {});
  }

  private static Position at(long epoch, long sequence) {
    return new Position(new Epoch(epoch), sequence);
  }

  private static List<Update> updates(long epoch, long from, long upTo) {
    return LongStream.rangeClosed(from, upTo)
        .mapToObj(
            sequence ->
                new Update(
                    at(epoch, sequence),
                    Optional.empty(),
                    Optional.empty(),
                    Bytes.EMPTY,
                    Bytes.EMPTY))
        .toList();
  }

  private Beginning beginning() {
    var inbox = TestInbox.<Beginning>create();
    worker.askSnapshot(inbox.getRef());
    return inbox.receiveMessage();
  }

  @Test
  @DisplayName("its snapshot is in its file => it begins with that, and goes on after it")
  void written() {
    worker.apply(updates(1, 1, 5));
    worker.kept(Set.of(at(1, 3)));
    assertThat(beginning()).isEqualTo(new Beginning.From(3, files.of(at(1, 3))));
    var told = new Told();
    worker.subscribe(3, told);
    assertThat(told.updates).containsExactly(4L, 5L);
  }

  @Test
  @DisplayName(
      "another history while nobody listens => whoever goes on from the old one begins anew")
  void anotherHistory() {
    worker.apply(updates(1, 1, 5));
    var before = new Told();
    worker.subscribe(0, before);
    worker.unsubscribe(before);
    worker.install(Position.NONE);
    worker.apply(updates(2, 1, 7));
    var stale = new Told();
    worker.subscribe(5, stale);
    assertThat(stale.end).as("it has 1:1 to 1:5, and here is 2:1 to 2:7").isPresent();
    assertThat(beginning()).isEqualTo(new Beginning.Initial());
    var anew = new Told();
    worker.subscribe(0, anew);
    assertThat(anew.updates).hasSize(7);
  }
}
