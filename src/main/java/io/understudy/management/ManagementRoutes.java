package io.understudy.management;

import io.understudy.wire.RequestBody;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
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
        .thenCompose(body -> api.answer(call(request, body)))
        .exceptionally(ManagementApi::problem)
        .thenApply(ManagementRoutes::response);
  }

  private CompletionStage<String> body(HttpRequest request) {
    return BODY.read(request, Adapter.toTyped(system))
        .thenApply(bytes -> bytes.decodeString(StandardCharsets.UTF_8));
  }

  private static Call call(HttpRequest request, String body) {
    var path = new ArrayList<String>();
    request.getUri().pathSegments().forEach(path::add);
    Map<String, String> query =
        request.getUri().query().toList().stream()
            .collect(
                Collectors.toMap(pair -> pair.first(), pair -> pair.second(), (one, two) -> two));
    return new Call(
        request.method().name(),
        path.subList(1, path.size()),
        query,
        header(request, "Accept"),
        header(request, "Authorization"),
        body,
        false);
  }

  private static String header(HttpRequest request, String name) {
    return request.getHeader(name).map(HttpHeader::value).orElse("");
  }

  private static HttpResponse response(Answer answer) {
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
