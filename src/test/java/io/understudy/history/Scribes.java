package io.understudy.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import io.understudy.bench.RegisterModule;
import io.understudy.bench.RegisterModule.Command;
import io.understudy.client.ModuleRef;
import io.understudy.history.Register.Answer;
import io.understudy.history.Register.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;

/** Clients that read, write and swap a few registers, one request each at a time, on the record. */
final class Scribes {
  private static final int CLIENTS = 6;
  private static final int KEYS = 2;
  private static final int VALUES = 100_000;
  private static final long PAUSE_NANOS = 5_000_000;

  private final ModuleRef<Command, RegisterModule.Answer> module;
  private final History<Request, Answer> history = new History<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean ending;

  private Scribes(ModuleRef<Command, RegisterModule.Answer> module) {
    this.module = module;
  }

  /**
   * They begin.
   *
   * @param module a {@link RegisterModule} that nobody else writes to
   */
  static Scribes start(ModuleRef<Command, RegisterModule.Answer> module, long seed) {
    var scribes = new Scribes(module);
    for (int client = 0; client < CLIENTS; client++) {
      var random = new SplittableRandom(seed + client);
      var number = client;
      var thread = new Thread(() -> scribes.write(number, random), "scribe-" + client);
      scribes.threads.add(thread);
      thread.start();
    }
    return scribes;
  }

  private void write(int client, SplittableRandom random) {
    var seen = 0L;
    while (!ending) {
      var request = request(random, seen);
      var answer = history.record(client, request, () -> ask(request));
      seen = answer.toCompletableFuture().join().map(Answer::value).orElse(seen);
      LockSupport.parkNanos(random.nextLong(PAUSE_NANOS));
    }
  }

  /** Values are hardly ever written twice; a swap finds what was seen last, if it is quick. */
  private static Request request(SplittableRandom random, long seen) {
    var key = "k" + random.nextInt(KEYS);
    return switch (random.nextInt(3)) {
      case 0 -> new Request.Read(key);
      case 1 -> new Request.Write(key, random.nextInt(VALUES));
      default -> new Request.Swap(key, seen, random.nextInt(VALUES));
    };
  }

  private CompletionStage<Answer> ask(Request request) {
    var command =
        switch (request) {
          case Request.Read(var key) -> new Command.Read(key);
          case Request.Write(var key, var value) -> new Command.Write(key, value);
          case Request.Swap(var key, var expected, var value) ->
              new Command.Swap(key, expected, value);
        };
    return module.ask(command).thenApply(answer -> new Answer(answer.done(), answer.value()));
  }

  /** Requests that have ended. */
  int size() {
    return history.size();
  }

  /** Waits for so many more answers. */
  void awaitMore(int answers) {
    var until = history.size() + answers;
    Await.until(() -> assertThat(history.size()).as("%s", module.module()).isGreaterThan(until));
  }

  /** They end; the first answer that no order explains, if there is one. */
  Optional<Linearizability.Violation> end() throws InterruptedException {
    ending = true;
    for (var thread : threads) {
      thread.join();
    }
    return Linearizability.checkByKey(new Register(), history.all(), Request::key);
  }

  @Override
  public String toString() {
    return "%s: %d requests on record".formatted(module.module(), history.all().size());
  }
}
