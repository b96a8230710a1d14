package io.understudy.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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

  /** Of this process: to open and close such a file again would give its lock up. */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel file;

  private FolderLock(Path path, FileChannel file) {
    this.path = path;
    this.file = file;
  }

  /** Takes it, or complains of who has it. */
  static FolderLock of(Path folder) {
    try {
      var path = folder.toRealPath().resolve(NAME);
      if (!HELD.add(path)) {
        throw inUse(folder, own());
      }
      try {
        return new FolderLock(path, locked(folder, path));
      } catch (IOException | RuntimeException e) {
        HELD.remove(path);
        throw e;
      }
    } catch (AccessDeniedException e) {
      throw new Complaint(
          Complaint.USAGE,
          "file %s cannot be written; set understudy.data or --data to a folder that this user can write"
              .formatted(e.getMessage()));
    } catch (IOException e) {
      throw new Complaint(Complaint.REFUSED, "folder %s cannot be used: %s".formatted(folder, e));
    }
  }

  private static FileChannel locked(Path folder, Path path) throws IOException {
    var file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!isLocked(file)) {
      file.close();
      throw inUse(folder, Files.readString(path, StandardCharsets.US_ASCII));
    }
    try {
      file.truncate(0);
      file.write(ByteBuffer.wrap(own().getBytes(StandardCharsets.US_ASCII)));
    } catch (IOException e) {
      LOG.warn("{} does not say who has it, which is this process: {}", path, "" + e);
    }
    return file;
  }

  private static boolean isLocked(FileChannel file) {
    try {
      @Nullable FileLock lock = file.tryLock();
      return lock != null;
    } catch (IOException e) {
      LOG.warn("this node's folder cannot be locked, see that no other node has it: {}", "" + e);
      return true;
    }
  }

  private static String own() {
    return ProcessHandle.current().pid() + "\n";
  }

  private static Complaint inUse(Path folder, String process) {
    return new Complaint(
        Complaint.REFUSED,
        "folder %s is in use by another node, process %s; stop that, or set understudy.data or --data to a folder of this node's own"
            .formatted(folder, process.strip()));
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      HELD.remove(path);
    }
  }
}
