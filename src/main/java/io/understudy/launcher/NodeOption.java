package io.understudy.launcher;

import io.understudy.management.OperatorToken;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What every command that speaks to a node understands. */
final class NodeOption {
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

  boolean json() {
    return json;
  }

  List<String> nodes() {
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

  /** What only commands that write understand. */
  static final class Token {
    @Option(
        names = "--data",
        paramLabel = "DIR",
        description =
            "The node's data folder, whose operator.token is used. Unless given:"
                + " UNDERSTUDY_OPERATOR_TOKEN.")
    private Optional<Path> data = Optional.empty();

    /** The token, if there is one; whether one is needed is for the node to say. */
    Optional<String> find() {
      if (data.isEmpty()) {
        return Optional.ofNullable(System.getenv(TokenSource.ENVIRONMENT))
            .map(String::strip)
            .filter(token -> !token.isEmpty())
            .map(token -> sound(token, TokenSource.ENVIRONMENT));
      }
      var file = data.get().resolve(TokenSource.FILE);
      try {
        return Optional.of(sound(Files.readString(file).strip(), file.toString()));
      } catch (IOException e) {
        throw new Complaint(
            Complaint.USAGE,
            "operator token %s cannot be read; give --data the folder of a node, as its user"
                .formatted(file));
      }
    }

    private static String sound(String token, String source) {
      var refusal = OperatorToken.refusal(token, source);
      if (refusal.isPresent()) {
        throw new Complaint(Complaint.USAGE, refusal.get());
      }
      return token;
    }
  }
}
