package io.understudy.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.model.CopyId;
import io.understudy.model.HostId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.RunningCopy;
import io.understudy.module.LocalApi;
import io.understudy.wire.Json;
import io.understudy.wire.ModuleFile;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Registers a module from a process that is a copy of it and runs already ([0010]): it is adopted,
 * not started twice. Needs no actor system. Each call blocks for as long as the answer takes.
 *
 * @param process the copy; it must have been started by the WatchDog's user
 * @param operatorToken of the node that is asked
 */
public record OwnProcess(ProcessHandle process, String operatorToken) {
  private static final int CONNECT_MILLIS = 2_000;
  private static final int ANSWER_MILLIS = 20_000;
  private static final int SERVER_ERROR = 500;

  /** This process. */
  public static OwnProcess current(String operatorToken) {
    return new OwnProcess(ProcessHandle.current(), operatorToken);
  }

  /** Not the token. */
  @Override
  public String toString() {
    return "OwnProcess " + process.pid();
  }

  /** What a WatchDog answers. */
  public sealed interface Adoption {
    /**
     * The process is this copy from now on.
     *
     * @param api what it may say to its WatchDog as that copy
     */
    record Adopted(CopyId copy, LocalApi api) implements Adoption {}

    /** It is not; the answer says why. */
    record NotAdopted(Registration answer) implements Adoption {}
  }

  /**
   * Registers at the WatchDog of this host.
   *
   * @param moduleApi its base URL, as in {@code http://127.0.0.1:7700/v1}; see {@code
   *     understudy.watchdog.api}
   */
  public Adoption registerAtWatchDog(URI moduleApi, ModuleSpec spec) {
    var to = URI.create("%s/register?pid=%d".formatted(moduleApi, process.pid()));
    try {
      var answer = send("POST", to, ModuleFile.json(spec, Optional.empty()));
      return answer.failed()
          ? new Adoption.NotAdopted(refusal(answer))
          : new Adoption.Adopted(
              CopyId.parse(answer.text("copy")), new LocalApi(moduleApi, answer.text("token")));
    } catch (IOException e) {
      return new Adoption.NotAdopted(unreachable(to, e));
    }
  }

  /**
   * Registers at the management of any node.
   *
   * @param management its base URL, as in {@code http://127.0.0.1:7626}
   * @param host on which the process runs
   */
  public Registration register(URI management, HostId host, ModuleSpec spec) {
    var to = URI.create("%s/understudy/modules/%s".formatted(management, spec.module()));
    var running = new RunningCopy(host, process.pid());
    try {
      var answer = send("PUT", to, ModuleFile.json(spec, Optional.of(running)));
      return answer.failed()
          ? refusal(answer)
          : new Registration.Registered(
              answer.body().path("version").asLong(),
              Optional.ofNullable(answer.body().get("warning")).map(JsonNode::asText));
    } catch (IOException e) {
      return unreachable(to, e);
    }
  }

  private record Answer(int status, JsonNode body) {
    boolean failed() {
      return status >= HttpURLConnection.HTTP_BAD_REQUEST;
    }

    String text(String field) throws IOException {
      var value = body.get(field);
      if (value == null) {
        throw new IOException("the answer has no %s: %s".formatted(field, body));
      }
      return value.asText();
    }
  }

  private static Registration refusal(Answer answer) {
    var detail = answer.body().path("detail").asText("status " + answer.status());
    return answer.status() >= SERVER_ERROR
        ? new Registration.Unavailable(detail)
        : new Registration.Refused(detail);
  }

  private static Registration unreachable(URI to, IOException failure) {
    return new Registration.Unavailable(
        "%s does not answer: %s; name a node that runs".formatted(to, failure.getMessage()));
  }

  private Answer send(String method, URI to, String body) throws IOException {
    var connection = (HttpURLConnection) to.toURL().openConnection();
    connection.setRequestMethod(method);
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(ANSWER_MILLIS);
    connection.setRequestProperty("Authorization", "Bearer " + operatorToken);
    connection.setRequestProperty("Content-Type", "application/json");
    connection.setDoOutput(true);
    connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
    var status = connection.getResponseCode();
    var failed = status >= HttpURLConnection.HTTP_BAD_REQUEST;
    try (var in = failed ? connection.getErrorStream() : connection.getInputStream()) {
      var bytes = in == null ? new byte[0] : in.readAllBytes();
      return new Answer(status, Json.mapper().readTree(bytes));
    }
  }
}
