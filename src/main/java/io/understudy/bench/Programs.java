package io.understudy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The programs that the benchmark's modules run.
 *
 * @param atOnce says that it started as the first thing it does
 * @param following follows its status and confirms it
 * @param beating does that and sends heartbeats
 */
record Programs(Path folder, Path atOnce, Path following, Path beating) {
  private static final int BEAT_MILLIS = 50;

  static Programs in(Path folder, Path pipe) throws IOException {
    Files.createDirectories(folder);
    var atOnce =
        """
        #!/bin/sh
        echo "STARTED $UNDERSTUDY_COPY $$ - $UNDERSTUDY_EPOCH" >'%s'
        exec sleep 1000000
        """
            .formatted(pipe);
    return new Programs(
        folder,
        program(folder.resolve("at-once"), atOnce),
        program(folder.resolve("following"), following(pipe, 0)),
        program(folder.resolve("beating"), following(pipe, BEAT_MILLIS)));
  }

  private static String following(Path pipe, int beatMillis) {
    return """
    #!/bin/sh
    exec '%s' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx32m -Xss256k \\
      -Djava.net.preferIPv4Stack=true -cp '%s' %s '%s' %d
    """
        .formatted(
            Path.of(System.getProperty("java.home"), "bin", "java"),
            System.getProperty("java.class.path"),
            BenchCopy.class.getName(),
            pipe,
            beatMillis);
  }

  private static Path program(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }
}
