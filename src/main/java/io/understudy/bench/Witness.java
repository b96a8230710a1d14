package io.understudy.bench;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Hears what the copies see, through a named pipe that each of them opens. */
final class Witness implements AutoCloseable {
  private final Path pipe;
  private final RandomAccessFile open;
  private final List<Sighting> sightings = new ArrayList<>();

  private Witness(Path pipe, RandomAccessFile open) {
    this.pipe = pipe;
    this.open = open;
  }

  static Witness at(Path pipe) throws IOException, InterruptedException {
    var made = new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().waitFor();
    if (made != 0) {
      throw new BenchException("mkfifo %s failed".formatted(pipe));
    }
    // Open for both, so that it does not end when the last copy closes it.
    var witness = new Witness(pipe, new RandomAccessFile(pipe.toFile(), "rw"));
    Thread.ofPlatform().daemon().name("witness").start(witness::listen);
    return witness;
  }

  Path pipe() {
    return pipe;
  }

  private void listen() {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(new FileInputStream(open.getFD()), StandardCharsets.US_ASCII))) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        hear(Sighting.parse(line, System.nanoTime()));
      }
    } catch (IOException e) {
      return; // closed
    }
  }

  private synchronized void hear(Sighting sighting) {
    sightings.add(sighting);
    notifyAll();
  }

  /** How much has been seen; what follows is told from what was before. */
  synchronized int mark() {
    return sightings.size();
  }

  /** All that was seen. */
  synchronized Stream<Sighting> all() {
    return List.copyOf(sightings).stream();
  }

  /** The first after the mark that fits, as soon as it is there. */
  synchronized Sighting await(String what, int mark, Duration patience, Predicate<Sighting> fits) {
    var deadline = System.nanoTime() + patience.toNanos();
    for (int next = mark; ; next++) {
      while (next >= sightings.size()) {
        pause(what, patience, deadline - System.nanoTime());
      }
      var found = Optional.of(sightings.get(next)).filter(fits);
      if (found.isPresent()) {
        return found.get();
      }
    }
  }

  private void pause(String what, Duration patience, long left) {
    if (left <= 0) {
      throw new BenchException("waited %d s in vain for %s".formatted(patience.toSeconds(), what));
    }
    try {
      TimeUnit.NANOSECONDS.timedWait(this, left);
    } catch (InterruptedException e) {
      throw new BenchException("interrupted while waiting for " + what, e);
    }
  }

  @Override
  public void close() throws IOException {
    open.close();
  }
}
