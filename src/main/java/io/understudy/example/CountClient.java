package io.understudy.example;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Counts with a {@link Counter} that may fail meanwhile, over HTTP alone: asks any node where the
 * module's primaries are, and repeats a request under its name until one of them has answered.
 */
public final class CountClient {
  private static final Duration CONNECT = Duration.ofSeconds(1);
  private static final Duration ANSWER = Duration.ofSeconds(3);
  private static final long PAUSE_MILLIS = 20;
  private static final Pattern PLACE =
      Pattern.compile(
          "\"copy\"\\s*:\\s*\"([^\"]+)\".*?\"host\"\\s*:\\s*\"([^\"]+)\".*?"
              + "\"address\"\\s*:\\s*\"([^\"]+):\\d+\"",
          Pattern.DOTALL);
  private static final Pattern COUNT = Pattern.compile("\"count\"\\s*:\\s*(\\d+)");

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();
  private final List<URI> nodes;
  private final String module;
  private final int port;
  private final Duration patience;
  private final String name = UUID.randomUUID().toString();
  private List<Place> primaries = List.of();
  private long requests;

  /** Where a primary is. */
  private record Place(String copy, String host, String address) {}

  /** The count, and who said so. */
  public record Counted(long count, String copy, String host) {}

  /**
   * Asks a module's primaries at this port of their hosts' addresses.
   *
   * @param nodes whose management is asked, one after the other
   * @param patience how long one request may take altogether
   */
  public CountClient(List<URI> nodes, String module, int port, Duration patience) {
    this.nodes = List.copyOf(nodes);
    this.module = module;
    this.port = port;
    this.patience = patience;
  }

  /**
   * Counts the key once more.
   *
   * @throws IOException when nobody has answered in time; whether it counts is not known
   */
  public Counted count(String key) throws IOException, InterruptedException {
    var number = Long.toString(++requests);
    return ask(
        key,
        request ->
            request
                .header("Understudy-Client", name)
                .header("Understudy-Request", number)
                .POST(BodyPublishers.noBody()));
  }

  /** Reads what the key has. */
  public Counted read(String key) throws IOException, InterruptedException {
    return ask(key, HttpRequest.Builder::GET);
  }

  private interface Kind {
    HttpRequest.Builder of(HttpRequest.Builder request);
  }

  private Counted ask(String key, Kind kind) throws IOException, InterruptedException {
    var deadline = System.nanoTime() + patience.toNanos();
    var why = "no primary runs";
    while (System.nanoTime() - deadline < 0) {
      for (var place : turned()) {
        try {
          var uri = URI.create("http://%s:%d/%s".formatted(place.address(), port, key));
          var answer = send(kind.of(HttpRequest.newBuilder(uri)));
          var count = COUNT.matcher(answer.body());
          if (answer.statusCode() == 200 && count.find()) {
            return new Counted(Long.parseLong(count.group(1)), place.copy(), place.host());
          }
          why = answer.body().strip();
        } catch (IOException e) {
          why = String.valueOf(e);
        }
      }
      Thread.sleep(PAUSE_MILLIS); // the primary is in another process, and moves
      primaries = whereTheyAre();
    }
    throw new IOException(
        "module %s has not answered for %d s: %s".formatted(module, patience.toSeconds(), why));
  }

  /** Each of them in turn: of a hot module all serve. */
  private List<Place> turned() throws InterruptedException {
    if (primaries.isEmpty()) {
      primaries = whereTheyAre();
    }
    var first = primaries.isEmpty() ? 0 : (int) (requests % primaries.size());
    return Stream.concat(
            primaries.subList(first, primaries.size()).stream(),
            primaries.subList(0, first).stream())
        .toList();
  }

  private List<Place> whereTheyAre() throws InterruptedException {
    var answer = Optional.<HttpResponse<String>>empty();
    for (var node : nodes) {
      try {
        var uri = node.resolve("/understudy/modules/%s/primaries".formatted(module));
        answer =
            Optional.of(send(HttpRequest.newBuilder(uri))).filter(it -> it.statusCode() == 200);
      } catch (IOException e) {
        continue; // the next node may know
      }
      if (answer.isPresent()) {
        break;
      }
    }
    return answer.stream()
        .flatMap(said -> PLACE.matcher(said.body()).results())
        .map(place -> new Place(place.group(1), place.group(2), place.group(3)))
        .toList();
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return http.send(request.timeout(ANSWER).build(), BodyHandlers.ofString());
  }

  /** MODULE PORT [--read | --times N]; nodes in UNDERSTUDY_NODE. */
  public static void main(String[] arguments) throws InterruptedException {
    var nodes =
        Stream.of(
                System.getenv().getOrDefault("UNDERSTUDY_NODE", "http://127.0.0.1:7626").split(","))
            .map(URI::create)
            .toList();
    var port = Integer.parseInt(arguments[1]);
    var client = new CountClient(nodes, arguments[0], port, Duration.ofSeconds(60));
    try {
      switch (arguments.length > 2 ? arguments[2] : "") {
        case "--read" -> say(client.read("count"), "has");
        case "--times" -> client.count(Integer.parseInt(arguments[3]));
        default -> say(client.count("count"), "counts");
      }
    } catch (IOException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  private static void say(Counted counted, String verb) {
    System.out.printf("%s on %s %s %d%n", counted.copy(), counted.host(), verb, counted.count());
  }

  private void count(int times) throws IOException, InterruptedException {
    var copies = new ArrayList<String>();
    var longest = 0L;
    var first = 0L;
    var last = 0L;
    for (var i = 0; i < times; i++) {
      var begun = System.nanoTime();
      var counted = count("count");
      longest = Math.max(longest, System.nanoTime() - begun);
      first = i == 0 ? counted.count() : first;
      last = counted.count();
      if (!copies.contains(counted.copy())) {
        copies.add(counted.copy());
      }
    }
    System.out.printf(
        "%d times, from %d to %d, by %s; the longest took %d ms%n",
        times, first, last, String.join(" and ", copies), Duration.ofNanos(longest).toMillis());
  }
}
