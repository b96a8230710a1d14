package io.understudy.ocf;

import io.understudy.model.CopyStatus;
import io.understudy.module.LocalApi;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code deploy/ocf}: the program that is such a copy. */
@Command(
    name = "ocf",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a resource agent of the Open Cluster Framework as a copy of a module. It is not for a"
          + " command line: a module file names it as a copy's location, with the agent and its"
          + " parameters as the arguments.",
      "The agent is $OCF_ROOT/resource.d/PROVIDER/TYPE, with /usr/lib/ocf unless the node's"
          + " environment has OCF_ROOT."
    })
public final class Main implements Callable<Integer> {
  private static final int FAILED = 1;
  private static final int USAGE = 2;

  @Parameters(paramLabel = "PROVIDER:TYPE", description = "The resource agent.")
  private String agent = "";

  @Parameters(
      index = "1..*",
      paramLabel = "NAME=VALUE",
      description = "Parameters of the resource, as its agent's meta-data names them.")
  private List<String> parameters = List.of();

  /** Why it ends; said last, where the WatchDog finds it. */
  private volatile String reason = "";

  private volatile Optional<ResourceCopy> copy = Optional.empty();

  private Main() {}

  /** Ends with the copy. */
  public static void main(String[] args) {
    var line = new CommandLine(new Main()).setExpandAtFiles(false);
    line.setParameterExceptionHandler(
        (wrong, given) -> {
          System.err.println(wrong.getMessage());
          return USAGE;
        });
    System.exit(line.execute(args));
  }

  @Override
  public Integer call() {
    var api = LocalApi.ofThisProcess();
    if (api.isEmpty()) {
      System.err.println(
          "ocf is started by a WatchDog; name it as the location of a copy in a module file");
      return USAGE;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(this::end, "end"));
    untilItFails(() -> run(api.get()));
    return FAILED;
  }

  /** Part of what this process is there for. */
  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  /** Whatever it is: a resource that nobody looks at is not held for alive. */
  private void untilItFails(Work work) {
    try {
      work.run();
    } catch (ResourceFailed | IOException e) {
      reason = String.valueOf(e.getMessage());
    } catch (Throwable e) {
      reason = e.toString();
    }
  }

  private void end() {
    var why = reason; // not what fails because of the end
    untilItFails(() -> copy.ifPresent(ResourceCopy::stop));
    if (!why.isEmpty()) {
      System.err.println(why);
    }
  }

  private void run(LocalApi api) throws IOException, InterruptedException {
    var name = AgentName.parse(agent);
    var resource =
        new ResourceAgent(
            name,
            Path.of(Optional.ofNullable(System.getenv("OCF_ROOT")).orElse("/usr/lib/ocf")),
            environment("UNDERSTUDY_MODULE"),
            environment("UNDERSTUDY_HOST"),
            given(parameters));
    var pipes =
        new Hands.Pipes(
            environment("UNDERSTUDY_ALIVE"),
            environment("UNDERSTUDY_HOLD"),
            Path.of("ocf.out").toAbsolutePath());
    var hands = Hands.begin(resource, pipes, System.out, this::handsLost);
    var metaData = hands.metaData();
    metaData.check(name, resource.parameters());
    hands.limit(metaData.timeout("demote"), metaData.timeout("stop"));
    var it = new ResourceCopy(resource, hands, metaData);
    it.check(CopyStatus.valueOf(environment("UNDERSTUDY_STATUS")));
    copy = Optional.of(it);
    it.start();
    Thread.ofPlatform()
        .name("status")
        .start(
            () -> {
              untilItFails(() -> follow(api, it));
              System.exit(FAILED);
            });
    while (true) {
      TimeUnit.NANOSECONDS.sleep(it.pause().toNanos());
      it.look();
      api.heartbeat();
    }
  }

  private void handsLost() {
    reason = "what ran the resource agent was killed";
    System.exit(FAILED);
  }

  private static String environment(String name) {
    return Optional.ofNullable(System.getenv(name)).orElse("");
  }

  private static Map<String, String> given(List<String> parameters) {
    var all = new TreeMap<String, String>();
    for (var parameter : parameters) {
      var equals = parameter.indexOf('=');
      if (equals < 1) {
        throw new ResourceFailed("argument %s: write NAME=VALUE".formatted(parameter));
      }
      var name = parameter.substring(0, equals);
      if (all.put(name, parameter.substring(equals + 1)) != null) {
        throw new ResourceFailed("argument %s: %s is given twice".formatted(parameter, name));
      }
    }
    return all;
  }

  /** It is ready when it is for the first time what it is to be. */
  private static void follow(LocalApi api, ResourceCopy copy) throws IOException {
    api.followStatus(
        standing -> {
          copy.take(standing);
          ready(api);
        });
    throw new IOException("the WatchDog has ended the stream of statuses");
  }

  private static void ready(LocalApi api) {
    try {
      api.ready();
    } catch (IOException e) {
      throw new ResourceFailed("the WatchDog does not answer: " + e.getMessage());
    }
  }
}
