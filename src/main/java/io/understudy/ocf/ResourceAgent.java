package io.understudy.ocf;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A resource agent, and the resource that it is to look after.
 *
 * @param instance what the agent calls the resource
 * @param log gets what it says
 */
record ResourceAgent(
    AgentName name,
    Path root,
    String instance,
    String host,
    Map<String, String> parameters,
    PrintStream log) {
  private static final Duration META_DATA_TIMEOUT = Duration.ofSeconds(10);

  /** Refuses an agent that is not there. */
  ResourceAgent {
    var program = name.under(root);
    if (!Files.isExecutable(program)) {
      throw new ResourceFailed(
          "resource agent %s: no program %s; install it on %s, or set OCF_ROOT there"
              .formatted(name, program, host));
    }
  }

  Path program() {
    return name.under(root);
  }

  /** What it says about itself. */
  MetaData metaData() {
    var said = new ArrayList<String>();
    var outcome = run("meta-data", META_DATA_TIMEOUT, Duration.ZERO, said);
    if (!outcome.succeeded()) {
      throw new ResourceFailed("resource agent %s: %s".formatted(name, outcome));
    }
    return MetaData.parse(name, String.join("\n", said));
  }

  /**
   * Has it do something, and waits.
   *
   * @param timeout it is killed then
   * @param interval from one time to the next of an action that is repeated, else nothing
   */
  Outcome run(String action, Duration timeout, Duration interval) {
    var said = new ArrayList<String>();
    var outcome = run(action, timeout, interval, said);
    said.forEach(line -> log.println(action + ": " + line));
    return outcome;
  }

  private Outcome run(String action, Duration timeout, Duration interval, List<String> said) {
    try {
      var output = Files.createTempFile("ocf", ".out");
      try {
        var process = builder(action, timeout, interval).redirectOutput(output.toFile()).start();
        process.getOutputStream().close();
        var code = process.waitFor();
        // A file, since what the agent has started may hold on to its output.
        said.addAll(
            new String(Files.readAllBytes(output), StandardCharsets.UTF_8).lines().toList());
        return new Outcome(action, code, said.isEmpty() ? "" : said.getLast());
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new ResourceFailed(
          "resource agent %s cannot be run: %s".formatted(name, e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ResourceFailed("resource agent %s: %s was interrupted".formatted(name, action));
    }
  }

  /** What it says against it goes the same way, except where the rest is to be read. */
  private ProcessBuilder builder(String action, Duration timeout, Duration interval) {
    var builder = new ProcessBuilder(command(action, timeout));
    if (action.equals("meta-data")) {
      builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    } else {
      builder.redirectErrorStream(true);
    }
    var environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("UNDERSTUDY_"));
    environment.putAll(environment());
    environment.put("OCF_RESKEY_CRM_meta_timeout", "" + timeout.toMillis());
    environment.put("OCF_RESKEY_CRM_meta_interval", "" + interval.toMillis());
    return builder;
  }

  /** In the process group of the copy, which is killed as a whole. */
  private List<String> command(String action, Duration timeout) {
    return List.of(
        "timeout", "--foreground", "-k", "1", seconds(timeout), program().toString(), action);
  }

  /** The command that stops the resource, for who does so without this JVM. */
  List<String> stopping(Duration timeout) {
    return List.of("timeout", "-k", "1", seconds(timeout), program().toString(), "stop");
  }

  private static String seconds(Duration timeout) {
    return "%d.%03d".formatted(timeout.toSeconds(), timeout.toMillisPart());
  }

  /** What tells it of the resource (OCF RA API 1.1, section 3.3). */
  Map<String, String> environment() {
    var all = new HashMap<String, String>();
    all.put("OCF_ROOT", root.toString());
    all.put("OCF_RA_VERSION_MAJOR", "1");
    all.put("OCF_RA_VERSION_MINOR", "1");
    all.put("OCF_RESOURCE_INSTANCE", instance);
    all.put("OCF_RESOURCE_PROVIDER", name.provider());
    all.put("OCF_RESOURCE_TYPE", name.type());
    all.put("OCF_RESKEY_CRM_meta_on_node", host);
    parameters.forEach((parameter, value) -> all.put("OCF_RESKEY_" + parameter, value));
    return all;
  }
}
