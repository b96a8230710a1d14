package io.understudy.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Processes that want all the time that this machine's processors have. */
final class Starvation implements AutoCloseable {
  private final List<Process> hungry = new ArrayList<>();

  private Starvation() {}

  /** Starts so many for each processor. */
  static Starvation begin(int forEachProcessor) {
    var starvation = new Starvation();
    try {
      for (int i = 0; i < forEachProcessor * Runtime.getRuntime().availableProcessors(); i++) {
        starvation.hungry.add(new ProcessBuilder("sh", "-c", "while :; do :; done").start());
      }
    } catch (IOException e) {
      starvation.close();
      throw new UncheckedIOException(e);
    }
    return starvation;
  }

  List<Process> processes() {
    return List.copyOf(hungry);
  }

  @Override
  public void close() {
    hungry.forEach(Process::destroyForcibly);
  }
}
