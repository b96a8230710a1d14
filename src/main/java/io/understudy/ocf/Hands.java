package io.understudy.ocf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Runs the actions of an agent, in a process that outlives this one and then stops the resource;
 * hands.sh says how. One action at a time.
 */
final class Hands {
  /** Of what an action says the rest is not read. */
  private static final int MOST_BYTES = 1 << 18;

  private static final Duration META_DATA_TIMEOUT = Duration.ofSeconds(10);

  private final ResourceAgent agent;
  private final Pipes pipes;
  private final PrintStream log;
  private final Process process;
  private final OutputStream orders;
  private final BufferedReader codes;
  private String limits = "";
  private boolean replaced;

  /**
   * What waits for the end of the resource, as the WatchDog named it.
   *
   * @param alive of all copies of the node
   * @param hold of this copy
   * @param output a file of this copy
   */
  record Pipes(String alive, String hold, Path output) {}

  private Hands(
      ResourceAgent agent, Pipes pipes, PrintStream log, Process process, BufferedReader codes) {
    this.agent = agent;
    this.pipes = pipes;
    this.log = log;
    this.process = process;
    this.orders = process.getOutputStream();
    this.codes = codes;
  }

  /**
   * With nothing to stop yet.
   *
   * @param log gets what the agent says
   * @param lost is called if they are killed, when others are there to stop the resource
   */
  static Hands begin(ResourceAgent agent, Pipes pipes, PrintStream log, Runnable lost) {
    var hands = begin(agent, pipes, log, "");
    var unused =
        hands
            .process
            .onExit()
            .thenRun(
                () -> {
                  hands.replace();
                  lost.run();
                });
    return hands;
  }

  private static Hands begin(ResourceAgent agent, Pipes pipes, PrintStream log, String held) {
    try (var script = Hands.class.getResourceAsStream("hands.sh")) {
      var text = script == null ? "" : new String(script.readAllBytes(), StandardCharsets.UTF_8);
      var builder =
          new ProcessBuilder(
                  "setsid",
                  "sh",
                  "-c",
                  text,
                  "hands",
                  pipes.alive(),
                  pipes.hold(),
                  pipes.output().toString(),
                  held,
                  agent.program().toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT);
      agent.prepare(builder.environment());
      var process = builder.start();
      var codes =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
      if (!"ready".equals(codes.readLine())) {
        throw new ResourceFailed("what runs the resource agent did not begin");
      }
      return new Hands(agent, pipes, log, process, codes);
    } catch (IOException e) {
      throw new ResourceFailed("what runs the resource agent cannot be started: " + e.getMessage());
    }
  }

  /**
   * Has the agent do something, and waits.
   *
   * @param timeout it is killed then
   * @param interval from one time to the next of an action that is repeated, else nothing
   */
  Outcome run(String action, Duration timeout, Duration interval) {
    var code = code(action, timeout, interval);
    var said = said();
    said.forEach(line -> log.println(action + ": " + line));
    return new Outcome(action, code, said.isEmpty() ? "" : said.getLast());
  }

  /** What the agent says about itself. */
  MetaData metaData() {
    var code = code("meta-data", META_DATA_TIMEOUT, Duration.ZERO);
    var said = said();
    if (code != Outcome.SUCCESS) {
      var outcome = new Outcome("meta-data", code, said.isEmpty() ? "" : said.getLast());
      throw new ResourceFailed("resource agent %s: %s".formatted(agent.name(), outcome));
    }
    return MetaData.parse(agent.name(), String.join("\n", said));
  }

  /** How long the agent may take to demote, and to stop, without this process; else 20 s each. */
  void limit(Duration demote, Duration stop) {
    limits = "limits %s %s -".formatted(seconds(demote), seconds(stop));
    order(limits);
  }

  private int code(String action, Duration timeout, Duration interval) {
    return order(
        String.join(
            " ", action, seconds(timeout), "" + timeout.toMillis(), "" + interval.toMillis()));
  }

  private int order(String line) {
    try {
      orders.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
      orders.flush();
      var code = codes.readLine();
      if (code != null) {
        return Integer.parseInt(code);
      }
    } catch (IOException e) {
      // It is gone, as below.
    }
    replace();
    throw new ResourceFailed(
        "process %d, which ran the resource agent, was killed".formatted(process.pid()));
  }

  /** As soon as this process ends, others stop what these may have held. */
  private synchronized void replace() {
    if (!replaced) {
      replaced = true;
      var others = begin(agent, pipes, log, "promoted");
      if (!limits.isEmpty()) {
        others.order(limits);
      }
    }
  }

  private List<String> said() {
    try (var file = new RandomAccessFile(pipes.output().toFile(), "r")) {
      var bytes = new byte[(int) Math.min(MOST_BYTES, file.length())];
      file.readFully(bytes);
      return new ArrayList<>(new String(bytes, StandardCharsets.UTF_8).lines().toList());
    } catch (IOException e) {
      return List.of("what it said cannot be read: " + e.getMessage());
    }
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%d.%03d", time.toSeconds(), time.toMillisPart());
  }
}
