package io.understudy.watchdog;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.understudy.wire.RequestBody;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpCharsets;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A refusal of the module API, as application/problem+json (RFC 9457). */
final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(Problem.class);
  private static final ContentType TYPE =
      ContentTypes.create(
          MediaTypes.customWithFixedCharset(
              "application", "problem+json", HttpCharsets.UTF_8, Map.of(), true));

  /** What may be otherwise in a second. */
  private static final Set<Integer> LATER = Set.of(429, 503);

  private final int status;
  private final Optional<String> allow;

  Problem(int status, String detail) {
    this(status, detail, Optional.empty());
  }

  private Problem(int status, String detail, Optional<String> allow) {
    super(detail, null, false, false);
    this.status = status;
    this.allow = allow;
  }

  /** The method is none of these, which are for the header Allow. */
  static Problem notAllowed(String detail, String methods) {
    return new Problem(405, detail, Optional.of(methods));
  }

  static HttpResponse answer(Throwable failure) {
    var cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof RequestBody.Unreadable unreadable) {
      return answer(new Problem(unreadable.status(), unreadable.reason()));
    }
    if (cause instanceof Problem problem) {
      var json = JsonNodeFactory.instance.objectNode();
      json.put("title", StatusCodes.get(problem.status).reason());
      json.put("status", problem.status);
      json.put("detail", problem.getMessage());
      var answer = answer(problem.status, json.toString());
      if (LATER.contains(problem.status)) {
        return answer.addHeader(RawHeader.create("Retry-After", "1"));
      }
      return problem
          .allow
          .map(methods -> answer.addHeader(RawHeader.create("Allow", methods)))
          .orElse(answer);
    }
    LOG.error("the module API failed", cause);
    return answer(new Problem(500, "an error of the WatchDog: its node's log has the details"));
  }

  static HttpResponse answer(int status, String body) {
    return HttpResponse.create()
        .withStatus(status)
        .withEntity(HttpEntities.create(TYPE, body.getBytes(StandardCharsets.UTF_8)));
  }
}
