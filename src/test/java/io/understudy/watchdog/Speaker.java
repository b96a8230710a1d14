package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.wire.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Collectors;

/** Speaks to the module API for a copy that is a process, with its token. */
record Speaker(HttpClient http, Map<String, String> environment) {
  /** A program that leaves its environment in its working directory, and sleeps. */
  static final String[] SCRIPT = {"env >env.new", "mv env.new env", "exec sleep 1000"};

  /** For the process that has left its environment there. */
  static Speaker of(HttpClient http, Path environment) {
    try {
      return new Speaker(
          http,
          Files.readAllLines(environment).stream()
              .filter(line -> line.startsWith("UNDERSTUDY_"))
              .map(line -> line.split("=", 2))
              .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1])));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create(environment.get("UNDERSTUDY_API") + path))
        .header("Authorization", "Bearer " + environment.get("UNDERSTUDY_TOKEN"));
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  HttpResponse<String> get(String path) {
    return send(to(path));
  }

  HttpResponse<String> put(String path, String body) {
    return send(to(path).PUT(BodyPublishers.ofString(body)));
  }

  HttpResponse<String> propose(String update) {
    return send(to("/updates").POST(BodyPublishers.ofString(update)));
  }

  HttpResponse<String> propose(String client, String number, String update) {
    return propose(client, number, BodyPublishers.ofString(update));
  }

  HttpResponse<String> propose(String client, String number, BodyPublisher update) {
    return send(
        to("/updates")
            .header("Understudy-Client", client)
            .header("Understudy-Request", number)
            .POST(update));
  }

  long proposed(String update) {
    var answer = propose(update);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return json(answer.body()).get("sequence").asLong();
  }

  /** The reason of a refusal, which has to have this status. */
  static String refused(int status, HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
    assertThat(answer.headers().firstValue("retry-after").isPresent())
        .isEqualTo(status == 429 || status == 503);
    var problem = json(answer.body());
    assertThat(problem.get("status").asInt()).isEqualTo(status);
    return problem.get("detail").asText();
  }

  /** The stream of updates after this one. */
  Lines follow(long after) {
    return lines("/updates?after=" + after);
  }

  Lines lines(String path) {
    try {
      var answer = http.send(to(path).build(), BodyHandlers.ofInputStream());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("content-type")).hasValue("application/x-ndjson");
      return new Lines(
          new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What comes, line by line. */
  record Lines(BufferedReader reader) implements AutoCloseable {
    JsonNode next() {
      try {
        var line = reader.readLine();
        assertThat(line).as("the next line").isNotNull();
        return json(line);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** As in "3 set x". */
    String update() {
      var line = next();
      assertThat(line.has("update")).as(line.toString()).isTrue();
      var update = Base64.getDecoder().decode(line.get("update").asText());
      return line.get("sequence").asLong() + " " + new String(update, StandardCharsets.UTF_8);
    }

    void ends() {
      try {
        assertThat(reader.readLine()).isNull();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }

  static JsonNode json(String text) {
    try {
      return Json.mapper().readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(text, e);
    }
  }
}
