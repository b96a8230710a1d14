package io.understudy.launcher;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code understudy events}. */
@Command(
    name = "events",
    description = {
      "Shows what happened and why, oldest first: the journal of the replication table.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  understudy events --module A",
      "  understudy events --after 1200 --follow",
      "  understudy events --follow --json | jq .reason"
    },
    mixinStandardHelpOptions = true)
final class EventsCommand implements Callable<Integer> {
  private static final Pattern NUMBER = Pattern.compile("^\\s*(\\d+)|\"sequence\":(\\d+)");
  private static final String DATA = "data: ";
  private static final Duration PAUSE = Duration.ofMillis(300);

  @Option(
      names = "--after",
      paramLabel = "N",
      description = "Only what follows the event of this number.")
  private long after;

  @Option(
      names = {"-m", "--module"},
      paramLabel = "MODULE",
      description = "Only of this module.")
  private Optional<String> module = Optional.empty();

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "The most to show without --follow, 1000 unless given.")
  private Optional<Integer> limit = Optional.empty();

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with what happens from now on, until Ctrl-C.")
  private boolean follow;

  @Mixin private NodeOption node = new NodeOption();

  @Override
  public Integer call() throws InterruptedException {
    if (!follow) {
      var rest = limit.map("&limit=%d"::formatted).orElse("");
      node.out().print(node.client().send(node.get(path() + rest)).body());
      node.out().flush();
      return 0;
    }
    var client = node.client();
    while (!node.unread()) {
      try {
        followOnce(client);
      } catch (IOException e) {
        node.err().println("the node broke off, the next one is asked");
      }
      client = client.fromTheNext();
      Thread.sleep(PAUSE); // nodes that break off at once are not asked for ever without a rest
    }
    return 0;
  }

  private String path() {
    var only = module.map(NodeOption::module).map("&module=%s"::formatted).orElse("");
    return "/understudy/events?after=%d%s".formatted(after, only);
  }

  /** Until the node breaks off; then it goes on where it stopped. */
  private void followOnce(NodeClient client) throws IOException {
    var accept = node.json() ? "text/event-stream" : "text/plain";
    var connection =
        client.open(
            new NodeClient.Request("GET", path() + "&follow=true", accept, Optional.empty()));
    try (var lines =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
      for (@Nullable String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (node.json() ? line.startsWith(DATA) : !line.isBlank()) {
          show(node.json() ? line.substring(DATA.length()) : line);
          if (node.unread()) {
            return;
          }
        }
      }
    }
  }

  private void show(String line) {
    node.out().println(line);
    node.out().flush();
    var number = NUMBER.matcher(line);
    if (number.find()) {
      after = Long.parseLong(number.group(1) == null ? number.group(2) : number.group(1));
    }
  }
}
