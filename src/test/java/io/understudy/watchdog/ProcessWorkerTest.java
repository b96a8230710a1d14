package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.Epoch;
import io.understudy.state.Bytes;
import io.understudy.state.Position;
import io.understudy.state.Update;
import io.understudy.watchdog.StateCopyProtocol.Beginning;
import java.io.IOException;
import java.nio.file.Files;
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
  private final List<Long> captured = new ArrayList<>();

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
    worker =
        new ProcessWorker(
            files, (number, state) -> captured.add(number), reason -> {}, became -> {});
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

  private StateCopyProtocol.Put placed(long sequence) throws IOException {
    var place = worker.place(sequence);
    if (place instanceof StateCopyProtocol.Put.Into(var file, var history)) {
      Files.write(file, new byte[] {1});
    }
    return place;
  }

  @Test
  @DisplayName(
      "its state is wanted; another history, wanted at the same number; it sends what it had"
          + " => that is not the other history's state")
  void stateOfAnotherHistory() throws IOException {
    worker.apply(updates(1, 1, 5));
    worker.subscribe(0, new Told());
    worker.capture(1);
    worker.install(Position.NONE);
    worker.apply(updates(2, 1, 5));
    worker.capture(2);
    if (placed(5) instanceof StateCopyProtocol.Put.Into(var file, var history)) {
      worker.put(5, file, history);
    }
    assertThat(captured).as("1:1 to 1:5 is no state after 2:5").isEmpty();
    assertThat(beginning()).isEqualTo(new Beginning.Initial());
    worker.subscribe(0, new Told());
    var into = (StateCopyProtocol.Put.Into) placed(5);
    assertThat(worker.put(5, into.file(), into.history()))
        .isEqualTo(new StateCopyProtocol.Put.Stored());
    assertThat(captured).containsExactly(2L);
  }

  @Test
  @DisplayName("its state is on its way when another history takes its place => it is refused")
  void stateOnItsWay() throws IOException {
    worker.apply(updates(1, 1, 5));
    worker.subscribe(0, new Told());
    worker.capture(1);
    var into = (StateCopyProtocol.Put.Into) placed(5);
    worker.install(Position.NONE);
    worker.apply(updates(2, 1, 5));
    worker.capture(2);
    assertThat(beginning()).isEqualTo(new Beginning.Initial());
    worker.subscribe(0, new Told());
    assertThat(worker.put(5, into.file(), into.history()))
        .isInstanceOf(StateCopyProtocol.Put.Refused.class);
    assertThat(captured).isEmpty();
  }
}
