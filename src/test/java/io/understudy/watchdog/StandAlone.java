package io.understudy.watchdog;

import io.understudy.model.CopyReport.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A JVM with nothing but a WatchDog and a copy, for tests that kill it: writes the copy's pid into
 * a file, and waits to be killed.
 */
final class StandAlone {
  private StandAlone() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    var folder = Path.of(arguments[0]);
    @SuppressWarnings("resource") // killed, never closed
    var rig = new Rig(folder);
    var launch =
        arguments.length > 1
            ? Rig.adopting(Rig.launch(Path.of("/bin/sleep")), Long.parseLong(arguments[1]))
            : Rig.launch(folder.resolve("a.sh"));
    rig.order(Rig.primary(1, launch));
    var pid = rig.seen(1, Seen.Running.class).pid();
    Files.writeString(folder.resolve("pid.new"), pid + "\n");
    Files.move(folder.resolve("pid.new"), folder.resolve("pid"));
    Thread.currentThread().join();
  }
}
