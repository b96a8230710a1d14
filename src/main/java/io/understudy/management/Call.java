package io.understudy.management;

import io.understudy.model.CopyId;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.wire.NearestName;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request, wherever it came in.
 *
 * @param path its segments
 * @param accept what the caller wants to read, as HTTP's header says it
 * @param authorization HTTP's header, or empty
 * @param body of a PUT
 * @param repeated the same call may have taken effect already
 */
record Call(
    String method,
    List<String> path,
    Map<String, String> query,
    String accept,
    String authorization,
    String body,
    boolean repeated) {
  Call {
    path = List.copyOf(path);
    query = Map.copyOf(query);
    method = method.equals("HEAD") ? "GET" : method;
  }

  Call repeat() {
    return new Call(method, path, query, accept, authorization, body, true);
  }

  boolean wantsText() {
    return prefers("text/plain");
  }

  boolean wantsEventStream() {
    return prefers("text/event-stream");
  }

  /** The type is named, and JSON is not named before it. */
  private boolean prefers(String type) {
    var wanted = accept.toLowerCase(Locale.ROOT);
    int at = wanted.indexOf(type);
    int json = wanted.indexOf("application/json");
    return at >= 0 && (json < 0 || at < json);
  }

  /** Refuses parameters that are none of these. */
  void allowing(List<String> known) {
    for (String name : query.keySet()) {
      if (!known.contains(name)) {
        var meant = NearestName.of(name, known).map(" did you mean %s?"::formatted).orElse("");
        var rest =
            known.isEmpty() ? " this address takes none" : " Known: " + String.join(", ", known);
        throw Problem.badRequest("parameter %s is not known;%s%s".formatted(name, meant, rest));
      }
    }
  }

  Optional<String> parameter(String name) {
    @Nullable String value = query.get(name);
    return Optional.ofNullable(value);
  }

  /** What is on when it is given as true, or without a value. */
  boolean flag(String name) {
    return switch (parameter(name).orElse("false")) {
      case "", "true" -> true;
      case "false" -> false;
      default ->
          throw Problem.badRequest(
              "%s=%s is not possible; give true or false"
                  .formatted(name, parameter(name).orElse("")));
    };
  }

  /** A whole number from 0 up to the largest allowed one. */
  long number(String name, long normal, long largest) {
    var text = parameter(name);
    if (text.isEmpty()) {
      return normal;
    }
    try {
      long number = Long.parseLong(text.get());
      if (number >= 0 && number <= largest) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw outOfRange(name, text.get(), largest);
    }
    throw outOfRange(name, text.get(), largest);
  }

  private static ProblemException outOfRange(String name, String text, long largest) {
    return Problem.badRequest(
        "%s=%s is not possible; give a whole number from 0 to %d".formatted(name, text, largest));
  }

  /** A copy that the caller names, if he does. */
  Optional<CopyId> copy(String name) {
    try {
      return parameter(name).map(CopyId::parse);
    } catch (IllegalArgumentException e) {
      throw Problem.badRequest(String.valueOf(e.getMessage()));
    }
  }

  static HostId host(String name) {
    try {
      return new HostId(name);
    } catch (IllegalArgumentException e) {
      throw Problem.badRequest(String.valueOf(e.getMessage()));
    }
  }

  static ModuleId module(String name) {
    try {
      return new ModuleId(name);
    } catch (IllegalArgumentException e) {
      throw Problem.badRequest(String.valueOf(e.getMessage()));
    }
  }
}
