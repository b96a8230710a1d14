package io.understudy.wire;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.pekko.event.LoggingAdapter;
import org.apache.pekko.http.ParsingErrorHandler;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpCharsets;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.scaladsl.model.ErrorInfo;
import org.apache.pekko.http.scaladsl.model.StatusCode;
import org.apache.pekko.http.scaladsl.settings.ServerSettings;

/**
 * What is no HTTP request is answered as the wrong ones are, with problem+json (RFC 9457); Pekko
 * makes it by the name in {@code pekko.http.server.parsing.error-handler}.
 */
public final class UnreadableRequest extends ParsingErrorHandler {
  @Override
  public HttpResponse handle(
      StatusCode status, ErrorInfo error, LoggingAdapter log, ServerSettings settings) {
    var wrong = line(error.summary());
    var json = JsonNodeFactory.instance.objectNode();
    json.put("title", status.reason());
    json.put("status", status.intValue());
    json.put("detail", "the request cannot be read: %s; %s".formatted(wrong, remedy(wrong)));
    var type =
        ContentTypes.create(
            MediaTypes.customWithFixedCharset(
                "application", "problem+json", HttpCharsets.UTF_8, Map.of(), true));
    return HttpResponse.create()
        .withStatus(StatusCodes.get(status.intValue()))
        .withEntity(HttpEntities.create(type, json.toString().getBytes(StandardCharsets.UTF_8)));
  }

  /** Without the breaks of a longer text. */
  static String line(String text) {
    return text.replaceAll("\\s*[\\r\\n]+\\s*", " ").strip();
  }

  private static String remedy(String wrong) {
    if (wrong.contains("request-target") || wrong.contains("URI")) {
      return wrong.contains("limit")
          ? "send a shorter address"
          : "write special characters of an address percent-encoded, as in %25 for %";
    }
    if (wrong.contains("ontent-length") || wrong.contains("ontent-Length")) {
      return "send one Content-Length, the number of bytes in the body";
    }
    if (wrong.contains("header") && wrong.contains("limit")) {
      return "send shorter headers";
    }
    return wrong.contains("method")
        ? "use GET, PUT, POST or DELETE"
        : "send it as HTTP/1.1 has it (RFC 9112)";
  }
}
