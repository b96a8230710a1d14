package io.understudy.watchdog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the logs of all copies of a host small. */
final class LogRotation {
  private static final Logger LOG = LoggerFactory.getLogger(LogRotation.class);

  private LogRotation() {}

  static CompletionStage<Void> start(Path data, WatchDogSettings.Log settings, Executor blocking) {
    return CompletableFuture.runAsync(() -> rotate(data.resolve("copies"), settings), blocking);
  }

  private static void rotate(Path copies, WatchDogSettings.Log settings) {
    if (!Files.isDirectory(copies)) {
      return;
    }
    try (var folders = Files.newDirectoryStream(copies)) {
      for (var folder : folders) {
        new CopyFolder(folder).rotate(settings.maxSize(), settings.keep());
      }
    } catch (IOException e) {
      LOG.warn("the logs under {} are not rotated, see to space and rights: {}", copies, e);
    }
  }
}
