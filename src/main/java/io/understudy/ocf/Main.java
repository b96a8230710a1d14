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

  private boolean started;

  private Main() {}

  /** Ends with the copy. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    var api = LocalApi.ofThisProcess();
    if (api.isEmpty()) {
      System.err.println(
          "ocf is started by a WatchDog; name it as the location of a copy in a module file");
      return USAGE;
    }
    try {
      run(api.get());
    } catch (ResourceFailed | IOException e) {
      reason = String.valueOf(e.getMessage());
      if (!started) {
        System.err.println(reason);
      }
    }
    return FAILED;
  }

  private void run(LocalApi api) throws IOException, InterruptedException {
    var name = AgentName.parse(agent);
    var resource =
        new ResourceAgent(
            name,
            Path.of(Optional.ofNullable(System.getenv("OCF_ROOT")).orElse("/usr/lib/ocf")),
            environment("UNDERSTUDY_MODULE"),
            environment("UNDERSTUDY_HOST"),
            given(parameters),
            System.out);
    var metaData = resource.metaData();
    metaData.check(name, resource.parameters());
    var copy = new ResourceCopy(resource, metaData);
    copy.check(CopyStatus.valueOf(environment("UNDERSTUDY_STATUS")));
    var undo = Undo.begin(resource, metaData.timeout("stop"));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(copy, undo), "stop"));
    started = true;
    copy.start();
    Thread.ofPlatform().name("status").start(() -> follow(api, copy));
    while (true) {
      TimeUnit.NANOSECONDS.sleep(copy.pause().toNanos());
      copy.look();
      api.heartbeat();
    }
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
      all.put(parameter.substring(0, equals), parameter.substring(equals + 1));
    }
    return all;
  }

  private void end(ResourceCopy copy, Undo undo) {
    if (copy.stop()) {
      undo.notNeeded();
    }
    if (!reason.isEmpty()) {
      System.err.println(reason);
    }
  }

  /** It is ready when it is for the first time what it is to be. */
  private void follow(LocalApi api, ResourceCopy copy) {
    try {
      api.followStatus(
          standing -> {
            copy.take(standing);
            ready(api);
          });
      reason = "the WatchDog has ended the stream of statuses";
    } catch (ResourceFailed | IOException e) {
      reason = String.valueOf(e.getMessage());
    }
    System.exit(FAILED);
  }

  private static void ready(LocalApi api) {
    try {
      api.ready();
    } catch (IOException e) {
      throw new ResourceFailed("the WatchDog does not answer: " + e.getMessage());
    }
  }
}
