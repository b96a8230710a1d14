package io.understudy.watchdog;

import io.understudy.state.Position;
import io.understudy.state.SnapshotHeader;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A snapshot: the log's header, then the module's own bytes. Reading and writing block. */
record SnapshotFile(Path path) {
  private static final int BUFFER = 1 << 16;

  /** The module's own bytes. */
  InputStream open() throws IOException {
    var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path), BUFFER));
    try {
      SnapshotHeader.skip(in);
      return in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  SnapshotHeader header() throws IOException {
    try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
      return SnapshotHeader.readFrom(in);
    }
  }

  /** It is there under its name when all of it is; returns its length in bytes. */
  long write(SnapshotHeader header, Capturing state) throws IOException {
    var part = path.resolveSibling(path.getFileName() + ".part");
    try {
      try (var out =
          new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(part), BUFFER))) {
        header.writeTo(out);
        state.writeTo(out);
      }
      Files.move(part, path, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part); // what a full disk has no room for must not keep it full
      state.discard();
    }
    return Files.size(path);
  }

  /** The name of a snapshot in a copy's folder. */
  static SnapshotFile of(Path folder, Position at) {
    return new SnapshotFile(
        folder.resolve("%d-%d.snapshot".formatted(at.epoch().value(), at.sequence())));
  }
}
