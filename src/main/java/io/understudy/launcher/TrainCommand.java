package io.understudy.launcher;

import io.understudy.model.Copy;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import io.understudy.wire.ModuleFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;

/**
 * {@code understudy train}: runs what nodes and commands run, so that the JVM can write down which
 * classes they need ({@code -XX:ArchiveClassesAtExit}).
 */
@Command(name = "train", hidden = true)
final class TrainCommand implements Callable<Integer> {
  private static final int PATIENCE_SECONDS = 60;

  @Override
  public Integer call() throws Exception {
    var folder = Files.createTempDirectory("understudy-train");
    try {
      train(folder);
    } finally {
      delete(folder);
    }
    return 0;
  }

  private static void train(Path folder) throws Exception {
    var settings =
        NodeSettings.from(
            SettingsFile.load(
                Optional.empty(),
                Map.of(
                    "understudy.host",
                    "train",
                    "understudy.address",
                    "127.0.0.1",
                    "understudy.port",
                    0,
                    "understudy.management.port",
                    0,
                    "understudy.data",
                    folder.toString(),
                    "understudy.watchdog.allowed-paths",
                    List.of("/"))));
    var ready = new CountDownLatch(1);
    var node = Node.start(settings, false, line -> ready.countDown());
    if (!ready.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new Complaint(Complaint.REFUSED, "the node to learn from does not become ready");
    }
    use(node.management().toCompletableFuture().join(), settings, folder);
    node.stop().toCompletableFuture().join();
  }

  private static void use(String url, NodeSettings settings, Path folder)
      throws IOException, InterruptedException {
    var spec =
        ModuleSpec.of(
            new ModuleId("train"),
            ReplicationStyle.COLD,
            1,
            List.of(new Copy(settings.host(), Location.parse("/bin/sleep"), List.of("1000"))));
    var file = folder.resolve("train.conf");
    Files.writeString(file, ModuleFile.json(spec, Optional.empty()));
    run("register", "-n", url, "--data", folder.toString(), file.toString());
    TimeUnit.SECONDS.sleep(1);
    run("table", "-n", url);
    run("table", "-n", url, "--json");
    run("hosts", "-n", url);
    run("ring", "-n", url);
    run("events", "-n", url);
    run("deregister", "-n", url, "--data", folder.toString(), "train");
  }

  private static void run(String... arguments) {
    var code = Cli.commandLine().setOut(new PrintWriter(Writer.nullWriter())).execute(arguments);
    if (code != 0) {
      throw new Complaint(Complaint.REFUSED, "understudy %s failed".formatted(arguments[0]));
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
