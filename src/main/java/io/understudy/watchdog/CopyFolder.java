package io.understudy.watchdog;

import io.understudy.model.CopyId;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;

/** The files of one copy: its log, its working directory and what guards it. */
record CopyFolder(Path path) {
  private static final int TAIL = 4096;

  static CopyFolder of(Path data, CopyId copy) {
    return new CopyFolder(data.resolve("copies").resolve(copy.toString()));
  }

  CopyFolder create() throws IOException {
    Files.createDirectories(work());
    return this;
  }

  Path work() {
    return path.resolve("work");
  }

  Path log() {
    return path.resolve("copy.log");
  }

  /** A name that nothing else has. */
  Path newFile(String suffix) {
    return path.resolve(UUID.randomUUID() + suffix);
  }

  /** What the copy said last, if it said anything after the log had the given size. */
  Optional<String> lastLine(long after) {
    try (var file = new RandomAccessFile(log().toFile(), "r")) {
      var from = Math.max(after, file.length() - TAIL);
      var bytes = new byte[(int) Math.max(0, file.length() - from)];
      file.seek(from);
      file.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8)
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .reduce((earlier, later) -> later);
    } catch (IOException none) {
      return Optional.empty();
    }
  }

  long logSize() {
    try {
      return Files.size(log());
    } catch (IOException none) {
      return 0;
    }
  }

  /**
   * Keeps the log small: copy.log.1 is the newest of the old ones. The copy goes on writing to the
   * same file, which is emptied; what it writes in between is lost.
   *
   * @param maxSize in bytes
   */
  void rotate(long maxSize, int keep) throws IOException {
    if (logSize() <= maxSize) {
      return;
    }
    for (var number = keep - 1; number >= 1; number--) {
      var older = path.resolve("copy.log." + number);
      if (Files.exists(older)) {
        Files.move(
            older, path.resolve("copy.log." + (number + 1)), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    if (keep > 0) {
      Files.copy(log(), path.resolve("copy.log.1"), StandardCopyOption.REPLACE_EXISTING);
    }
    try (var file = new RandomAccessFile(log().toFile(), "rw")) {
      file.setLength(0);
    }
  }
}
