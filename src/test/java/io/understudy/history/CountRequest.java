package io.understudy.history;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * A request to a program that counts.
 *
 * @param method POST counts, GET reads
 * @param at host:port
 * @param client of whom it is number so many: repeated, it counts once
 */
record CountRequest(String method, String at, String key, String client, long number) {
  private static final Pattern COUNT = Pattern.compile("\"count\":\\s*(\\d+)");

  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(1))
          .build();

  /** The program answered, and not with a count. */
  static final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    private Refused(String message) {
      super(message);
    }
  }

  /** The count that is answered. */
  long send() throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("http://%s/%s".formatted(at, key)))
            .timeout(Duration.ofSeconds(5))
            .header("Understudy-Client", client)
            .header("Understudy-Request", Long.toString(number))
            .method(method, BodyPublishers.noBody())
            .build();
    var answer = HTTP.send(request, BodyHandlers.ofString());
    var count = COUNT.matcher(answer.body());
    if (answer.statusCode() == 200 && count.find()) {
      return Long.parseLong(count.group(1));
    }
    throw new Refused(answer.statusCode() + " " + answer.body().strip());
  }
}
