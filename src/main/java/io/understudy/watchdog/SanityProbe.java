package io.understudy.watchdog;

import io.understudy.model.SanityCheck;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out the sanity check of a copy that is a process ([0019]); answers with the problem. */
record SanityProbe(
    Optional<SanityCheck> check,
    HostResources host,
    CopyFolder folder,
    Map<String, String> environment) {
  private static final Logger LOG = LoggerFactory.getLogger(SanityProbe.class);

  /** What the kernel and Java say when there are no more files, processes or memory. */
  private static final Pattern NOT_THE_COPYS =
      Pattern.compile(
          "Too many open files|error=(11|12|23|24),|Resource temporarily unavailable"
              + "|Cannot allocate memory");

  private static final class Http {
    static final HttpClient CLIENT = HttpClient.newHttpClient();
  }

  /** To be called where it may wait. Nothing it begins goes on for longer than the timeout. */
  CompletionStage<Optional<String>> check(Duration timeout) {
    if (check.isEmpty()) {
      return answer(Optional.empty());
    }
    return switch (check.get()) {
      case SanityCheck.Command(var command) -> command(command, timeout);
      case SanityCheck.TcpConnect(var port) -> answer(connect(port, timeout));
      case SanityCheck.HttpGet get -> get(get, timeout);
    };
  }

  /** It is a program too: no registration of a copy that runs adds one that it may not start. */
  private CompletionStage<Optional<String>> command(List<String> command, Duration timeout) {
    var refusal = host.startCheck().refusal(command.getFirst());
    if (refusal.isPresent()) {
      return answer(refusal);
    }
    var seconds = "%d.%03d".formatted(timeout.toSeconds(), timeout.toMillisPart());
    // timeout(1) ends it even if this JVM is not there to do so.
    var line = new ArrayList<>(List.of("timeout", "-s", "KILL", seconds));
    line.addAll(command);
    var said = folder.path().resolve("sanity.log").toFile();
    try {
      var builder = new ProcessBuilder(line).directory(folder.work().toFile());
      Guard.clean(builder.environment());
      builder.environment().putAll(environment);
      var process = builder.redirectErrorStream(true).redirectOutput(said).start();
      process.getOutputStream().close();
      return process.onExit().thenApply(exited -> verdict(command, exited.exitValue()));
    } catch (IOException e) {
      return answer(problem(e, "%s cannot be run".formatted(command)));
    }
  }

  private static Optional<String> verdict(List<String> command, int code) {
    return code == 0
        ? Optional.empty()
        : Optional.of("%s exited with code %d".formatted(String.join(" ", command), code));
  }

  /** At the node's own address first: hosts that share a machine differ by it. */
  private Optional<String> connect(int port, Duration timeout) {
    var failures =
        Stream.of(host.identity().interfaceAddress(), "127.0.0.1")
            .distinct()
            .map(address -> connect(address, port, timeout))
            .toList();
    return failures.stream().anyMatch(Optional::isEmpty) ? Optional.empty() : failures.getFirst();
  }

  private static Optional<String> connect(String address, int port, Duration timeout) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), (int) timeout.toMillis());
      return Optional.empty();
    } catch (IOException e) {
      return problem(e, "no connection to %s:%d".formatted(address, port));
    }
  }

  /** None, when it is this node that could not even ask: that says nothing of the copy. */
  private static Optional<String> problem(IOException e, String what) {
    var text = String.valueOf(e.getMessage());
    if (NOT_THE_COPYS.matcher(text).find()) {
      LOG.warn("a sanity check was left out, this node runs out of resources: {}", text);
      return Optional.empty();
    }
    return Optional.of("%s: %s".formatted(what, text));
  }

  private static CompletionStage<Optional<String>> get(SanityCheck.HttpGet get, Duration timeout) {
    var request = HttpRequest.newBuilder(get.address()).timeout(timeout).GET().build();
    return Http.CLIENT
        .sendAsync(request, BodyHandlers.discarding())
        .handle(
            (answer, failure) ->
                failure != null ? failed(get, failure) : status(get, answer.statusCode()));
  }

  private static Optional<String> failed(SanityCheck.HttpGet get, Throwable failure) {
    var what = "GET %s failed".formatted(get.address());
    return failure.getCause() instanceof IOException e
        ? problem(e, "%s: %s".formatted(what, e.getClass().getName()))
        : Optional.of("%s: %s".formatted(what, failure.getCause()));
  }

  private static Optional<String> status(SanityCheck.HttpGet get, int status) {
    return status >= 200 && status < 300
        ? Optional.empty()
        : Optional.of("GET %s was answered with %d".formatted(get.address(), status));
  }

  private static CompletionStage<Optional<String>> answer(Optional<String> problem) {
    return CompletableFuture.completedFuture(problem);
  }
}
