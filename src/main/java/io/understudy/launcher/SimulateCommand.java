package io.understudy.launcher;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code understudy simulate}. */
@Command(
    name = "simulate",
    description = {
      "Shows what would happen if hosts and copies failed now, all at once; changes nothing.",
      ""
    },
    footer = {
      "",
      "The ReplicaManager's own rules decide, on the table as it is; copies that they order are"
          + " taken to start. The times are the back-offs that pass first: noticing a failure and"
          + " starting a copy take more.",
      "",
      "Examples:",
      "  understudy simulate H1",
      "  understudy simulate H2 A3 --json",
      "  understudy simulate @web1 web1@H2      where web1 is a host, and a copy on H2"
    },
    mixinStandardHelpOptions = true)
final class SimulateCommand implements Callable<Integer> {
  @Parameters(paramLabel = "HOST|COPY", arity = "1..*", description = "What fails.")
  private List<String> failing = List.of();

  @Mixin private NodeOption node = new NodeOption();

  @Override
  public Integer call() {
    var names = URLEncoder.encode(String.join(",", failing), StandardCharsets.UTF_8);
    node.show("/understudy/simulate?fail=" + names);
    return 0;
  }
}
