package io.understudy.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.wire.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/**
 * The cluster as some of its hosts show it.
 *
 * @param hosts asked one after the other, until one answers
 */
record Seen(Envoy envoy, List<String> hosts) {

  JsonNode get(String path) {
    var why = new ArrayList<IOException>();
    for (String host : hosts) {
      try {
        var answer = ask("GET", host, path, "");
        if (answer.status() == 200) {
          return Json.mapper().readTree(answer.body());
        }
        why.add(new IOException("%s: %d %s".formatted(host, answer.status(), answer.body())));
      } catch (IOException e) {
        why.add(e); // the next one may answer
      }
    }
    throw new AssertionError("none of %s answers %s: %s".formatted(hosts, path, why));
  }

  Envoy.Answer ask(String method, String host, String path, String body) throws IOException {
    var url = "http://%s:7626%s".formatted(Namespaces.address(host), path);
    return envoy.ask(method, url, Lan.TOKEN, body);
  }

  JsonNode table() {
    return get("/understudy/table");
  }

  /** As in "A1 IDLE, A2 PRIMARY*"; * runs. */
  String statuses(String module) {
    return Fig1.statuses(table(), module);
  }

  Map<String, Fig1.Row> rows(String module) {
    return Fig1.rows(table(), module);
  }

  /** The ReplicaManager's host. */
  String manager() {
    return table().get("manager").asText();
  }

  List<String> modules() {
    return table().get("modules").findValuesAsText("module");
  }

  /** The hosts of the SuperWatchDogs. */
  List<String> ring() {
    return get("/understudy/ring").get("ring").findValuesAsText("host");
  }

  List<String> hostStates() {
    return get("/understudy/hosts").get("hosts").findValuesAsText("state");
  }

  /** How many events the journal holds. */
  long lastEvent() {
    return events(0).stream().mapToLong(event -> event.get("sequence").asLong()).max().orElse(0);
  }

  List<JsonNode> events(long after) {
    var events = get("/understudy/events?limit=100000&after=" + after).get("events");
    return StreamSupport.stream(events.spliterator(), false).toList();
  }

  /** Hosts that were declared dead since then, each with the reason. */
  List<String> declaredDead(long after) {
    return events(after).stream()
        .filter(event -> event.get("event").asText().equals("HostFailed"))
        .map(
            event -> "%s: %s".formatted(event.path("host").asText(), event.path("reason").asText()))
        .toList();
  }
}
