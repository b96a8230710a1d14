package io.understudy.launcher;

import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every command that speaks to a node understands. */
class NodeOption {
  @Option(
      names = {"-n", "--node"},
      split = ",",
      paramLabel = "URL",
      description =
          "A node's management address; several, separated by commas, are tried in turn. Unless"
              + " given: UNDERSTUDY_NODE, else http://127.0.0.1:7626.")
  private List<String> nodes = List.of();

  @Option(names = "--json", description = "Print the answer as JSON.")
  private boolean json;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /** Its command is set by picocli before that is called. */
  @SuppressWarnings("NullAway.Init")
  NodeOption() {}

  boolean json() {
    return json;
  }

  PrintWriter out() {
    return command.commandLine().getOut();
  }

  PrintWriter err() {
    return command.commandLine().getErr();
  }

  /** One for all that a command asks: what one node does not answer, the next is asked. */
  NodeClient client() {
    return client(Optional.empty());
  }

  final NodeClient client(Optional<String> token) {
    return new NodeClient(nodes(), token);
  }

  /** A question, to be answered as text or as JSON. */
  NodeClient.Request get(String path) {
    return NodeClient.Request.get(path, json);
  }

  /** Prints what is answered to a question. */
  void show(String path) {
    print(client().send(get(path)).body());
  }

  void print(String text) {
    out().print(text.endsWith("\n") ? text : text + System.lineSeparator());
    out().flush();
  }

  /** Whoever read what is printed has gone, as head does: there is nobody to go on for. */
  boolean unread() {
    return out().checkError() || System.out.checkError();
  }

  private List<String> nodes() {
    if (!nodes.isEmpty()) {
      return nodes;
    }
    var named = Optional.ofNullable(System.getenv("UNDERSTUDY_NODE")).filter(s -> !s.isBlank());
    return named.map(s -> List.of(s.split(","))).orElse(List.of("http://127.0.0.1:7626"));
  }

  static ModuleId module(String name) {
    try {
      return new ModuleId(name);
    } catch (IllegalArgumentException e) {
      throw new Complaint(Complaint.USAGE, String.valueOf(e.getMessage()));
    }
  }

  static HostId host(String name) {
    try {
      return new HostId(name);
    } catch (IllegalArgumentException e) {
      throw new Complaint(Complaint.USAGE, String.valueOf(e.getMessage()));
    }
  }
}
