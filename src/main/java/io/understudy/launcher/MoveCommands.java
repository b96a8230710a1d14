package io.understudy.launcher;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.understudy.model.CopyId;
import io.understudy.model.ModuleId;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The commands that move work though nothing has failed. */
final class MoveCommands {
  private MoveCommands() {}

  private static NodeClient.Reply post(NodeClient client, String path) {
    return client.send(new NodeClient.Request("POST", path, "application/json", Optional.empty()));
  }

  /** {@code understudy switchover}. */
  @Command(
      name = "switchover",
      description = {
        "Lets another copy of a module be its primary, without a failure being counted.",
        "",
        "Warm, the primary becomes a backup, and then a backup takes over that runs and has all of"
            + " the state. Cold, the primary is stopped, and then the other copy is executed. It"
            + " is done when this returns, or as good as: whatever fails meanwhile, the module"
            + " has a primary again.",
        ""
      },
      footer = {
        "",
        "Examples:",
        "  understudy switchover --data /var/lib/understudy A",
        "  understudy switchover --data /var/lib/understudy A A3"
      },
      mixinStandardHelpOptions = true)
  static final class Switchover implements Callable<Integer> {
    @Parameters(paramLabel = "MODULE", index = "0", description = "Name of the module.")
    private String module = "";

    @Parameters(
        paramLabel = "COPY",
        index = "1",
        arity = "0..1",
        description = "The copy that is to take over; the best one unless given.")
    private Optional<String> copy = Optional.empty();

    @Mixin private OperatorOption operator = new OperatorOption();

    @Override
    public Integer call() {
      var id = NodeOption.module(module);
      var to = copy.map(Switchover::parsed);
      var client = operator.client();
      var from = to.isEmpty() ? primary(client, id) : Optional.<String>empty();
      var query =
          to.map(named -> "?to=" + named)
              .or(() -> from.map(primary -> "?from=" + primary))
              .orElse("");
      operator.say(
          post(client, "/understudy/modules/%s/switchover%s".formatted(id, query)),
          answer ->
              answer.hasPath("to")
                  ? "module %s: %s on %s takes over"
                      .formatted(id, answer.getString("to"), answer.getString("host"))
                  : "module %s: whom it was handed to has failed meanwhile; see its table"
                      .formatted(id));
      return 0;
    }

    private static CopyId parsed(String text) {
      try {
        return CopyId.parse(text);
      } catch (IllegalArgumentException e) {
        throw new Complaint(Complaint.USAGE, String.valueOf(e.getMessage()));
      }
    }

    /** Named with it, a request that has to be repeated moves the work once. */
    private static Optional<String> primary(NodeClient client, ModuleId module) {
      var request = NodeClient.Request.get("/understudy/modules/" + module, true);
      return ConfigFactory.parseString(client.send(request).body()).getConfigList("copies").stream()
          .filter(copy -> copy.getString("status").equals("PRIMARY"))
          .map(copy -> copy.getString("id"))
          .findFirst();
    }
  }

  /** {@code understudy drain}. */
  @Command(
      name = "drain",
      description = {
        "Empties a host: it gets no new copies, and others take its own, until it is resumed.",
        "",
        "A copy stops when another one runs in its place, with all of the state; a cold one when"
            + " another host can run it. One that no other host can take goes on where it is; why"
            + " is said here and by 'understudy hosts', and it moves as soon as a host can take"
            + " it.",
        ""
      },
      footer = {"", "Example:", "  understudy drain --data /var/lib/understudy H1"},
      mixinStandardHelpOptions = true)
  static final class Drain implements Callable<Integer> {
    @Parameters(paramLabel = "HOST", description = "Name of the host.")
    private String host = "";

    @Mixin private OperatorOption operator = new OperatorOption();

    @Override
    public Integer call() {
      var id = NodeOption.host(host);
      operator.say(
          post(operator.client(), "/understudy/hosts/%s/drain".formatted(id)),
          answer -> "host %s is drained; %s".formatted(id, left(answer)));
      return 0;
    }

    private static String left(Config answer) {
      var copies = String.join(" ", answer.getStringList("copies"));
      var staying =
          answer.getConfigList("staying").stream()
              .map(
                  stay ->
                      "\n%s stays: %s".formatted(stay.getString("copy"), stay.getString("reason")))
              .collect(Collectors.joining());
      return (copies.isEmpty() ? "nothing runs there" : "still there: " + copies) + staying;
    }
  }

  /** {@code understudy resume}. */
  @Command(
      name = "resume",
      description = {"Lets a drained host take copies again. Nothing moves back by itself.", ""},
      footer = {"", "Example:", "  understudy resume --data /var/lib/understudy H1"},
      mixinStandardHelpOptions = true)
  static final class Resume implements Callable<Integer> {
    @Parameters(paramLabel = "HOST", description = "Name of the host.")
    private String host = "";

    @Mixin private OperatorOption operator = new OperatorOption();

    @Override
    public Integer call() {
      var id = NodeOption.host(host);
      operator.say(
          post(operator.client(), "/understudy/hosts/%s/resume".formatted(id)),
          answer -> "host %s is resumed".formatted(id));
      return 0;
    }
  }
}
