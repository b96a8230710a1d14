import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/**
 * Checks or applies google-java-format: {@code java -cp <jar> Format.java check|apply <stamp>}.
 *
 * <p>Not Spotless: it formats inside Maven's own JVM, and on a Java 17 one the formatter cannot
 * parse Java 21. The stamp file remembers the last success, so only younger files are read again.
 */
class Format {
  public static void main(String[] args) throws IOException {
    boolean apply =
        switch (args[0]) {
          case "apply" -> true;
          case "check" -> false;
          default -> throw new IllegalArgumentException("-Dformat=" + args[0] + ": check or apply");
        };
    Path stamp = Path.of(args[1]);
    FileTime start = FileTime.from(java.time.Instant.now());
    List<String> command = new ArrayList<>();
    command.addAll(apply ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
    List<String> files = changedSince(stamp);
    command.addAll(files);

    ToolProvider formatter = ToolProvider.findFirst("google-java-format").orElseThrow();
    int status =
        files.isEmpty() ? 0 : formatter.run(System.out, System.err, command.toArray(String[]::new));
    if (status != 0) {
      System.err.println(
          apply
              ? "The files named above do not parse; fix their syntax."
              : "The files named above are not formatted (or do not parse); run: mvn validate"
                  + " -Dformat=apply");
      System.exit(1);
    }
    Files.createDirectories(stamp.getParent());
    Files.writeString(stamp, "");
    Files.setLastModifiedTime(stamp, start);
  }

  private static List<String> changedSince(Path stamp) throws IOException {
    FileTime since =
        Files.exists(stamp) ? Files.getLastModifiedTime(stamp) : FileTime.fromMillis(0);
    List<String> changed = new ArrayList<>();
    for (Path root : List.of(Path.of("src"), Path.of(".mvn"))) {
      try (var paths = Files.walk(root)) {
        for (Path path : paths.filter(p -> p.toString().endsWith(".java")).toList()) {
          if (Files.getLastModifiedTime(path).compareTo(since) >= 0) {
            changed.add(path.toString());
          }
        }
      }
    }
    return changed;
  }
}
