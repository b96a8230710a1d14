package io.understudy.module;

import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The local module API for a copy that is a Java process: what it says to its WatchDog and hears
 * from it. Needs nothing but the JDK. Safe to use from any thread.
 */
public final class LocalApi {
  private static final Pattern STATUS =
      Pattern.compile("\"status\"\\s*:\\s*\"(\\w+)\".*\"epoch\"\\s*:\\s*(\\d+)");

  private final ApiCalls calls;

  /** What a copy is at present, and since which epoch of its module. */
  public record Standing(CopyStatus status, Epoch epoch) {}

  public LocalApi(URI base, String token) {
    this.calls = new ApiCalls(base, token);
  }

  /** The API of the WatchDog that started this process, or empty if none did. */
  public static Optional<LocalApi> ofThisProcess() {
    return of(System.getenv());
  }

  static Optional<LocalApi> of(Map<String, String> environment) {
    var api = Optional.ofNullable(environment.get("UNDERSTUDY_API"));
    var token = Optional.ofNullable(environment.get("UNDERSTUDY_TOKEN"));
    return api.flatMap(base -> token.map(t -> new LocalApi(URI.create(base), t)));
  }

  /** "I am alive": for heartbeats sent all the time ([0019]). */
  public void heartbeat() throws IOException {
    post("/heartbeat", "");
  }

  /**
   * "I am alive": for heartbeats sent with each request served ([0019]).
   *
   * @param requestsInHand the WatchDog's clock stands still while this is 0
   */
  public void heartbeat(int requestsInHand) throws IOException {
    post("/heartbeat", "{\"serving\":%d}".formatted(requestsInHand));
  }

  /** "I am ready": for modules registered with ready = api. */
  public void ready() throws IOException {
    post("/ready", "");
  }

  /**
   * Calls back with the status now and at each change, and confirms it to the WatchDog when the
   * callback returns; blocks until the WatchDog ends the stream.
   *
   * @throws IOException when the WatchDog cannot be reached or breaks off
   */
  public void followStatus(Consumer<Standing> change) throws IOException {
    var stream = calls.stream("/status").getInputStream();
    try (var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      for (@Nullable String line = lines.readLine(); line != null; line = lines.readLine()) {
        var match = STATUS.matcher(line);
        if (match.find()) {
          var epoch = new Epoch(Long.parseLong(match.group(2)));
          change.accept(new Standing(CopyStatus.valueOf(match.group(1)), epoch));
          post("/status", "{\"epoch\":%d}".formatted(epoch.value()));
        }
      }
    }
  }

  /** The state of this copy, if its module is registered with state. */
  public LocalState state() {
    return new LocalState(calls);
  }

  private void post(String path, String body) throws IOException {
    var unused = calls.send("POST", path, Map.of(), body.getBytes(StandardCharsets.UTF_8));
  }
}
