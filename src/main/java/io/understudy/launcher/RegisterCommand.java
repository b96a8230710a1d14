package io.understudy.launcher;

import io.understudy.model.ModuleSpec;
import io.understudy.wire.ModuleFile;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code understudy register}. */
@Command(
    name = "register",
    description = {
      "Registers modules: from the acknowledgement on, the registered number of copies runs.",
      "",
      "Registering again is safe: what is unchanged stays as it is, what has changed is brought"
          + " about without restarting what need not be.",
      ""
    },
    footer = {
      "",
      "A module file:",
      "  module = A",
      "  style = warm                  # cold | warm | hot",
      "  degree = 2",
      "  failover = on-each-failure    # or { on-over-threshold = 3 }",
      "  copies = [",
      "    { host = H1, location = /opt/a/run }",
      "    { host = H2, location = /opt/a/run }",
      "    { host = H3, location = /opt/a/run }",
      "  ]",
      "",
      "Examples:",
      "  understudy register --data /var/lib/understudy A.conf B.conf",
      "  UNDERSTUDY_OPERATOR_TOKEN=... understudy register -n http://10.0.0.1:7626 A.conf"
    },
    mixinStandardHelpOptions = true)
final class RegisterCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", arity = "1..*", description = "Module files in HOCON or JSON.")
  private List<Path> files = List.of();

  @Mixin private OperatorOption operator = new OperatorOption();

  /** A file that can be registered. */
  private record ModuleText(Path file, ModuleSpec module, String text) {}

  /** All files are read before the first is sent, so that a typing error changes nothing. */
  @Override
  public Integer call() {
    var modules = new ArrayList<ModuleText>();
    for (Path file : files) {
      modules.add(read(file));
    }
    var client = operator.client();
    for (ModuleText readable : modules) {
      var reply =
          client.send(
              new NodeClient.Request(
                  "PUT",
                  "/understudy/modules/" + readable.module().module(),
                  "application/json",
                  Optional.of(readable.text())));
      say(readable.module(), reply);
    }
    return 0;
  }

  private static ModuleText read(Path file) {
    return switch (ModuleFile.read(text(file))) {
      case ModuleFile.Read.Malformed malformed ->
          throw new Complaint(Complaint.REFUSED, "%s: %s".formatted(file, malformed.reason()));
      case ModuleFile.Read.Module module -> {
        module
            .spec()
            .refusal()
            .ifPresent(
                reason -> {
                  throw new Complaint(Complaint.REFUSED, "%s: %s".formatted(file, reason));
                });
        yield new ModuleText(file, module.spec(), ModuleFile.json(module.spec(), module.running()));
      }
    };
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (MalformedInputException e) {
      throw new Complaint(Complaint.USAGE, "module file %s is not text in UTF-8".formatted(file));
    } catch (IOException e) {
      throw new Complaint(
          Complaint.USAGE,
          "module file %s cannot be read; give the path of a file that exists".formatted(file));
    }
  }

  private void say(ModuleSpec module, NodeClient.Reply reply) {
    operator.say(
        reply,
        answer -> {
          if (answer.hasPath("warning")) {
            operator.err().println("warning: " + answer.getString("warning"));
          }
          return "module %s is %s, at version %d"
              .formatted(
                  module.module(),
                  answer.getBoolean("created") ? "registered" : "registered as given",
                  answer.getLong("version"));
        });
  }
}
