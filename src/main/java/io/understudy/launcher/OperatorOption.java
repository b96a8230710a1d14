package io.understudy.launcher;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.understudy.management.OperatorToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** What a command understands that changes something, and how it does that. */
final class OperatorOption extends NodeOption {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "The node's data folder, whose operator.token is used. Unless given:"
              + " UNDERSTUDY_OPERATOR_TOKEN.")
  private Optional<Path> data = Optional.empty();

  @Override
  NodeClient client() {
    return client(token());
  }

  /** Prints the answer, as JSON or in the words for it; one that these do not fit, as it is. */
  void say(NodeClient.Reply reply, Function<Config, String> words) {
    var text = reply.body();
    if (!json()) {
      try {
        text = words.apply(ConfigFactory.parseString(reply.body()));
      } catch (ConfigException e) {
        text = reply.body(); // of another version
      }
    }
    print(text);
  }

  /** The token, if there is one; whether one is needed is for the node to say. */
  private Optional<String> token() {
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
