package io.understudy.ocf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that outlives this one, and stops the resource if this one has died without doing so;
 * undo.sh says how.
 */
final class Undo {
  private final Process process;

  private Undo(Process process) {
    this.process = process;
  }

  /** To be called before the resource is started; returns when it is ready for the worst. */
  static Undo begin(ResourceAgent agent, Duration stopTimeout) {
    try (var script = Undo.class.getResourceAsStream("undo.sh")) {
      var text = script == null ? "" : new String(script.readAllBytes(), StandardCharsets.UTF_8);
      var group = Long.toString(ProcessHandle.current().pid());
      var command = new ArrayList<>(List.of("setsid", "sh", "-c", text, "undo", group));
      command.addAll(agent.stopping(stopTimeout));
      var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.environment().putAll(agent.environment());
      builder
          .environment()
          .put("OCF_RESKEY_CRM_meta_timeout", Long.toString(stopTimeout.toMillis()));
      var process = builder.start();
      var said =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      if (!"ready".equals(said.readLine())) {
        throw new ResourceFailed("what stops the resource if this process dies did not start");
      }
      return new Undo(process);
    } catch (IOException e) {
      throw new ResourceFailed(
          "what stops the resource if this process dies cannot be started: " + e.getMessage());
    }
  }

  /** The resource is stopped, so that nothing is left to do. */
  void notNeeded() {
    try (var pipe = process.getOutputStream()) {
      pipe.write("stopped\n".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      // It is gone, which is all that was wanted.
    }
  }
}
