package io.understudy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Speaks to the management of the nodes. */
final class ManagementClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int ERROR = 400;

  private final HttpClient http =
      HttpClient.newBuilder() // which otherwise asks for HTTP/2 with each request
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private final String token;

  ManagementClient(String token) {
    this.token = token;
  }

  /** What the node answers, or empty while it has no answer. */
  Optional<JsonNode> get(String address, String path) {
    try {
      var answer = http.send(request(address, path).build(), BodyHandlers.ofString());
      return answer.statusCode() >= ERROR
          ? Optional.empty()
          : Optional.of(JSON.readTree(answer.body()));
    } catch (IOException e) {
      return Optional.empty(); // the node is not there
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** The same without waiting; empty as well when the node is not there. */
  CompletableFuture<Optional<String>> ask(String address, String path) {
    return http.sendAsync(request(address, path).build(), BodyHandlers.ofString())
        .thenApply(answer -> Optional.of(answer).filter(it -> it.statusCode() < ERROR))
        .thenApply(answer -> answer.map(HttpResponse::body))
        .exceptionally(gone -> Optional.empty());
  }

  void put(String address, String path, String body) {
    send(
        request(address, path)
            .header("Content-Type", "application/json")
            .PUT(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  void delete(String address, String path) {
    send(request(address, path).DELETE().build());
  }

  private void send(HttpRequest request) {
    try {
      var answer = http.send(request, BodyHandlers.ofString());
      if (answer.statusCode() >= ERROR) {
        throw new BenchException(
            "%s %s: %s".formatted(request.method(), request.uri(), answer.body()));
      }
    } catch (IOException e) {
      throw new BenchException("%s %s: %s".formatted(request.method(), request.uri(), e), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private HttpRequest.Builder request(String address, String path) {
    return HttpRequest.newBuilder(URI.create("http://%s%s".formatted(address, path)))
        .timeout(PATIENCE)
        .header("Accept", "application/json")
        .header("Authorization", "Bearer " + token);
  }

  private static BenchException interrupted(InterruptedException e) {
    return new BenchException("interrupted", e);
  }
}
