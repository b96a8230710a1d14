package io.understudy.ocf;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A resource agent, and the resource that it is to look after.
 *
 * @param instance what the agent calls the resource
 * @param host where it is to be
 */
record ResourceAgent(
    AgentName name, Path root, String instance, String host, Map<String, String> parameters) {
  /** What is for this copy alone, or for another resource, and would mislead the agent. */
  private static final List<String> NOT_ITS_OWN =
      List.of("UNDERSTUDY_", "OCF_", "NOTIFY_SOCKET", "WATCHDOG_");

  /** Refuses an agent that is not there. */
  ResourceAgent {
    var program = name.under(root);
    if (!Files.isExecutable(program)) {
      throw new ResourceFailed(
          "resource agent %s: no program %s; install it on %s, or set OCF_ROOT there"
              .formatted(name, program, host));
    }
  }

  Path program() {
    return name.under(root);
  }

  /** Tells it of the resource (OCF RA API 1.1, section 3.3). */
  void prepare(Map<String, String> environment) {
    environment.keySet().removeIf(key -> NOT_ITS_OWN.stream().anyMatch(key::startsWith));
    environment.put("OCF_ROOT", root.toString());
    environment.put("OCF_RA_VERSION_MAJOR", "1");
    environment.put("OCF_RA_VERSION_MINOR", "1");
    environment.put("OCF_RESOURCE_INSTANCE", instance);
    environment.put("OCF_RESOURCE_PROVIDER", name.provider());
    environment.put("OCF_RESOURCE_TYPE", name.type());
    environment.put("OCF_RESKEY_CRM_meta_on_node", host);
    parameters.forEach((parameter, value) -> environment.put("OCF_RESKEY_" + parameter, value));
  }
}
