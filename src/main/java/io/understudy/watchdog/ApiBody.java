package io.understudy.watchdog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.stream.SystemMaterializer;

/** The bodies of the module API's requests and answers. */
final class ApiBody {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long PATIENCE_MILLIS = 5000;

  private ApiBody() {}

  /** The object in the body; an empty body is an empty object. */
  static CompletionStage<JsonNode> json(HttpRequest request, int maxBytes, ActorSystem<?> system) {
    return text(request, maxBytes, system).thenApply(ApiBody::parse);
  }

  static CompletionStage<String> text(HttpRequest request, int maxBytes, ActorSystem<?> system) {
    return bytes(request, maxBytes, system)
        .thenApply(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  static CompletionStage<byte[]> bytes(HttpRequest request, int maxBytes, ActorSystem<?> system) {
    var materializer = SystemMaterializer.get(system).materializer();
    return request
        .entity()
        .toStrict(PATIENCE_MILLIS, maxBytes, materializer)
        .handle(
            (entity, failure) -> {
              if (failure != null) {
                throw new Problem(
                    413,
                    "the body is too large or too slow: send at most %d bytes within %d ms"
                        .formatted(maxBytes, PATIENCE_MILLIS));
              }
              return entity.getData().toArrayUnsafe();
            });
  }

  static Number number(JsonNode body, String field) {
    var value = body.path(field);
    if (!value.isIntegralNumber() || value.longValue() < 0) {
      throw new Problem(
          400,
          "\"%s\" is %s: send a number of 0 or more"
              .formatted(field, value.isMissingNode() ? "missing" : value));
    }
    return value.numberValue();
  }

  static HttpResponse created(CopyTokens.Adopted adopted) {
    var body = JSON.createObjectNode();
    body.put("copy", adopted.copy().toString());
    body.put("token", adopted.token());
    return HttpResponse.create()
        .withStatus(201)
        .withEntity(ContentTypes.APPLICATION_JSON, body.toString());
  }

  /** An object of one text, on a line. */
  static String line(String name, String value) {
    return JSON.createObjectNode().put(name, value) + "\n";
  }

  private static JsonNode parse(String text) {
    if (text.isBlank()) {
      return JSON.createObjectNode();
    }
    try {
      var body = JSON.readTree(text);
      if (body.isObject()) {
        return body;
      }
    } catch (JsonProcessingException e) {
      throw new Problem(
          400,
          "the body is not JSON: send an object or nothing (%s)".formatted(e.getOriginalMessage()));
    }
    throw new Problem(400, "the body is not a JSON object: send an object or nothing");
  }
}
