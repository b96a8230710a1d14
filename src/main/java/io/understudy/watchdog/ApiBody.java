package io.understudy.watchdog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.understudy.wire.RequestBody;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.util.ByteString;

/** The bodies of the module API's requests and answers. */
final class ApiBody {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int SHOWN = 60;

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
    return new RequestBody(maxBytes, PATIENCE).read(request, system).thenApply(ByteString::toArray);
  }

  /** A whole number from 0 to the largest possible one. */
  static long number(JsonNode body, String field, long most) {
    var value = body.path(field);
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < 0
        || value.longValue() > most) {
      throw new Problem(
          400,
          "\"%s\" is %s: send a whole number from 0 to %d"
              .formatted(field, value.isMissingNode() ? "missing" : shown(value), most));
    }
    return value.longValue();
  }

  /** Refuses fields that are none of these: what is said by a wrong name would not be heard. */
  static JsonNode allowing(JsonNode body, String... known) {
    body.fieldNames()
        .forEachRemaining(
            name -> {
              if (!List.of(known).contains(name)) {
                throw new Problem(
                    400,
                    "\"%s\" means nothing here: send %s"
                        .formatted(
                            name.length() > SHOWN ? name.substring(0, SHOWN) + "..." : name,
                            known.length == 0
                                ? "no fields"
                                : "\"%s\" alone".formatted(String.join("\", \"", known))));
              }
            });
    return body;
  }

  private static String shown(JsonNode value) {
    var text = value.toString();
    return text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
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
