package io.understudy.launcher;

import io.understudy.model.ModuleId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code understudy deregister}. */
@Command(
    name = "deregister",
    description = {"Stops all copies of modules and forgets them.", ""},
    footer = {"", "Example:", "  understudy deregister --data /var/lib/understudy A"},
    mixinStandardHelpOptions = true)
final class DeregisterCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODULE", arity = "1..*", description = "Names of modules.")
  private List<String> modules = List.of();

  @Mixin private OperatorOption operator = new OperatorOption();

  @Override
  public Integer call() {
    var ids = modules.stream().map(NodeOption::module).toList();
    var client = operator.client();
    for (ModuleId id : ids) {
      var path = "/understudy/modules/" + id;
      var unused =
          client.send(new NodeClient.Request("DELETE", path, "application/json", Optional.empty()));
      operator.print(
          operator.json()
              ? "{\"module\":\"%s\",\"deregistered\":true}".formatted(id)
              : "module %s is deregistered".formatted(id));
    }
    return 0;
  }
}
