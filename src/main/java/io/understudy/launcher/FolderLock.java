package io.understudy.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a node's folder from a second node, which would remake the pipes and kill the copies of the
 * first. The kernel gives it up with the process, however that ends.
 */
final class FolderLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FolderLock.class);
  private static final String NAME = "node.lock";

  private final FileChannel file;

  private FolderLock(FileChannel file) {
    this.file = file;
  }

  /** Takes it, or complains of who has it. */
  static FolderLock of(Path folder) {
    try {
      var path = folder.resolve(NAME);
      var file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!isLocked(file)) {
        file.close();
        throw inUse(folder, path);
      }
      file.truncate(0);
      file.write(ByteBuffer.wrap(own().getBytes(StandardCharsets.US_ASCII)));
      return new FolderLock(file);
    } catch (IOException e) {
      throw new Complaint(
          Complaint.USAGE,
          "folder %s: %s; set understudy.data or --data to a folder that this user can write"
              .formatted(folder, e));
    }
  }

  private static boolean isLocked(FileChannel file) {
    try {
      @Nullable FileLock lock = file.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // by a node in this JVM
    } catch (IOException e) {
      LOG.warn("this node's folder cannot be locked, see that no other node has it: {}", "" + e);
      return true;
    }
  }

  private static String own() {
    return ProcessHandle.current().pid() + "\n";
  }

  private static Complaint inUse(Path folder, Path path) throws IOException {
    return new Complaint(
        Complaint.REFUSED,
        "folder %s is in use by another node, process %s; stop that, or set understudy.data or --data to a folder of this node's own"
            .formatted(folder, Files.readString(path, StandardCharsets.US_ASCII).strip()));
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
