package io.understudy.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/**
 * Asks over HTTP on behalf of a test, from a namespace that the test itself is not in: a process
 * there takes requests on its standard input, one on a line, and writes an answer for each.
 */
final class Envoy implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofMillis(500);
  private static final Duration ANSWER = Duration.ofSeconds(5);
  private static final String FAILED = "failed";
  private static final int MEBIBYTES = 64;

  /** Where the classes of the tests are. */
  static final Path CLASSES =
      Path.of(
          URI.create(Envoy.class.getProtectionDomain().getCodeSource().getLocation().toString()));

  private final Inhabitant process;

  /** What was answered. */
  record Answer(int status, String body) {}

  private Envoy(Inhabitant process) {
    this.process = process;
  }

  /**
   * Sends one there.
   *
   * @param prefix what makes a command run there
   */
  static Envoy to(List<String> prefix) throws IOException {
    return new Envoy(Inhabitant.start(prefix, CLASSES.toString(), MEBIBYTES, Envoy.class));
  }

  /**
   * Asks.
   *
   * @param token the operator's
   * @throws IOException when there is no answer in time
   */
  Answer ask(String method, String url, String token, String body) throws IOException {
    var line = "%s %s %s %s".formatted(method, url, token, encoded(body));
    var words = process.ask(line).split(" ", -1);
    if (words[0].equals(FAILED)) {
      throw new IOException("%s: %s".formatted(url, decoded(words[1])));
    }
    return new Answer(Integer.parseInt(words[0]), decoded(words[1]));
  }

  @Override
  public void close() {
    process.close();
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String decoded(String text) {
    return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
  }

  /** The process; it ends with its standard input. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    var http = HttpClient.newBuilder().connectTimeout(CONNECT).build();
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      System.out.println(answer(http, line.split(" ", -1)));
    }
  }

  private static String answer(HttpClient http, String[] words) throws InterruptedException {
    var body = HttpRequest.BodyPublishers.ofString(decoded(words[3]));
    var request =
        HttpRequest.newBuilder(URI.create(words[1]))
            .timeout(ANSWER)
            .header("Authorization", "Bearer " + words[2])
            .method(words[0], words[0].equals("GET") ? HttpRequest.BodyPublishers.noBody() : body)
            .build();
    try {
      var answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      return "%d %s".formatted(answer.statusCode(), encoded(answer.body()));
    } catch (IOException e) {
      return "%s %s".formatted(FAILED, encoded(e.toString()));
    }
  }
}
