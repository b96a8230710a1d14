package io.understudy.watchdog;

import io.understudy.model.CopyOrder;
import java.util.Map;

/** What a process finds in its environment (DESIGN.md section 5). */
final class CopyEnvironment {
  private CopyEnvironment() {}

  static Map<String, String> of(CopyOrder order, HostResources host, String token) {
    return Map.of(
        "UNDERSTUDY_MODULE", order.copy().module().value(),
        "UNDERSTUDY_COPY", order.copy().toString(),
        "UNDERSTUDY_HOST", host.identity().host().value(),
        "UNDERSTUDY_STATUS", order.status().name(),
        "UNDERSTUDY_EPOCH", order.epoch().toString(),
        "UNDERSTUDY_API", host.api().toString(),
        "UNDERSTUDY_TOKEN", token);
  }
}
