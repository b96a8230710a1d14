package io.understudy.management;

import io.understudy.wire.RequestBody;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.ResponseEntity;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.management.javadsl.ManagementRouteProvider;
import org.apache.pekko.management.javadsl.ManagementRouteProviderSettings;
import org.apache.pekko.util.ByteString;

/**
 * Everything under {@code /understudy}, as Pekko Management mounts it by its class name.
 *
 * <p>{@code route-providers-read-only} stays on: it keeps Pekko's own routes from changing the
 * cluster for whoever asks. Writes here have the operator token instead.
 */
public final class ManagementRoutes implements ManagementRouteProvider {
  static final int LARGEST_BODY = 1 << 20;
  private static final RequestBody BODY = new RequestBody(LARGEST_BODY, Duration.ofSeconds(10));

  private final ExtendedActorSystem system;

  public ManagementRoutes(ExtendedActorSystem system) {
    this.system = system;
  }

  @Override
  public Route routes(ManagementRouteProviderSettings settings) {
    var api = Management.get(Adapter.toTyped(system)).api();
    return Directives.pathPrefix(
        "understudy", () -> Directives.handle(request -> handle(api, request)));
  }

  private CompletionStage<HttpResponse> handle(ManagementApi api, HttpRequest request) {
    return body(request)
        .thenApply(ManagementRoutes::text)
        .thenCompose(body -> api.answer(call(request, body)))
        .exceptionally(ManagementApi::problem)
        .thenApply(ManagementRoutes::response);
  }

  private CompletionStage<ByteString> body(HttpRequest request) {
    return BODY.read(request, Adapter.toTyped(system));
  }

  private static String text(ByteString body) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(body.asByteBuffer()).toString();
    } catch (CharacterCodingException e) {
      throw Problem.badRequest("the body is not text in UTF-8; write it in UTF-8");
    }
  }

  private static Call call(HttpRequest request, String body) {
    return new Call(
        request.method().name(),
        path(request),
        query(request),
        header(request, "Accept"),
        header(request, "Authorization"),
        body,
        false);
  }

  /** What follows {@code /understudy/}. Pekko gives no segment that is empty. */
  private static List<String> path(HttpRequest request) {
    var path = request.getUri().path();
    if (!path.startsWith("/understudy/") || path.contains("//")) {
      throw Problem.notFound("%s does not exist; %s".formatted(path, Endpoints.KNOWN));
    }
    var segments = new ArrayList<String>();
    request.getUri().pathSegments().forEach(segments::add);
    return segments.subList(1, segments.size());
  }

  private static Map<String, String> query(HttpRequest request) {
    var query = new HashMap<String, String>();
    for (var pair : request.getUri().query().toList()) {
      var known = query.put(pair.first(), pair.second());
      if (known != null && !known.equals(pair.second())) {
        throw Problem.badRequest(
            "%s is given twice, as %s and as %s; give it once"
                .formatted(pair.first(), known, pair.second()));
      }
    }
    return query;
  }

  private static String header(HttpRequest request, String name) {
    return request.getHeader(name).map(HttpHeader::value).orElse("");
  }

  static HttpResponse response(Answer answer) {
    var response =
        HttpResponse.create()
            .withStatus(StatusCodes.get(answer.status()))
            .withEntity(entity(answer));
    for (var header : answer.headers().entrySet()) {
      response = response.addHeader(RawHeader.create(header.getKey(), header.getValue()));
    }
    return response;
  }

  private static ResponseEntity entity(Answer answer) {
    var type = ContentTypes.parse(answer.contentType());
    return switch (answer.body()) {
      case Answer.Body.Whole whole when answer.status() == 204 -> HttpEntities.EMPTY;
      case Answer.Body.Whole whole -> HttpEntities.create(type, whole.bytes());
      case Answer.Body.Stream stream -> HttpEntities.createChunked(type, stream.source());
    };
  }
}
