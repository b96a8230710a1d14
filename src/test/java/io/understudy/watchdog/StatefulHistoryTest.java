package io.understudy.watchdog;

import static io.understudy.model.CopyStatus.BACKUP;
import static io.understudy.model.CopyStatus.PRIMARY;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.history.Counter.Request;
import io.understudy.history.History;
import io.understudy.history.Linearizability;
import io.understudy.model.CheckpointPolicy;
import io.understudy.model.Launch;
import io.understudy.model.Location;
import io.understudy.model.Readiness;
import io.understudy.model.StateSpec;
import io.understudy.module.CallAnswer;
import io.understudy.module.CallAnswers;
import io.understudy.state.Bytes;
import io.understudy.state.RequestId;
import io.understudy.watchdog.StatefulModuleTest.Ask;
import io.understudy.watchdog.StatefulModuleTest.Counter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What clients see of a counter while its copies break and give way, and what they say to each
 * other is lost or late. {@code -Dunderstudy.seed=N} has the same faults again.
 */
class StatefulHistoryTest {
  private static final int CLIENTS = 4;
  private static final int FAULTS = Integer.getInteger("understudy.rounds", 10);
  private static final long SEED = Long.getLong("understudy.seed", System.nanoTime());

  @TempDir Path folder;
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final History<Request, Long> history = new History<>();
  private final List<Thread> clients = new ArrayList<>();
  private Group group;
  private boolean hot;
  private long breaks;
  private volatile boolean ending;

  @AfterEach
  void stop() {
    group.close();
  }

  private void begin(boolean alone) {
    hot = !alone;
    var launch =
        new Launch(
            new Location.ActorClass(Counter.class.getName()),
            List.of(),
            Optional.empty(),
            Rig.POLLING,
            Readiness.DEFAULT,
            Duration.ofMillis(300),
            alone);
    var spec = StateSpec.DEFAULT.withCheckpoint(new CheckpointPolicy.None());
    group = new Group(folder, launch, spec).bad(SEED);
    group.host(1).host(2).host(3);
    group.start(1, PRIMARY);
    group.acts(1);
    start(2);
    start(3);
    for (int client = 0; client < CLIENTS; client++) {
      var number = client;
      clients.add(Thread.ofPlatform().start(() -> ask(number)));
    }
  }

  /** Copies in sync may be put out again when much of what they say is lost. */
  private void start(int number) {
    if (hot) {
      group.startHot(number);
    } else {
      group.start(number, BACKUP);
    }
    group.inSync(number);
  }

  /** One request after the other; each until it has an answer, with the same id. */
  private void ask(int client) {
    var mine = new SplittableRandom(SEED + client);
    var answers = new ArrayBlockingQueue<CallAnswer>(1_000);
    var inbox =
        group.kit.spawn(
            Behaviors.<CallAnswers>receiveMessage(
                message -> {
                  answers.addAll(message.answers());
                  return Behaviors.same();
                }));
    for (long number = 1; !ending; number++) {
      var id = new RequestId("client" + client, number);
      var request = mine.nextInt(3) == 0 ? Request.READ : Request.INCREMENT;
      history.record(
          client,
          request,
          () -> CompletableFuture.completedFuture(answer(id, request, mine, inbox, answers)));
      LockSupport.parkNanos(mine.nextInt(3_000_000));
    }
  }

  private long answer(
      RequestId id,
      Request request,
      SplittableRandom mine,
      ActorRef<CallAnswers> inbox,
      BlockingQueue<CallAnswer> answers) {
    var command =
        Counter.CODEC.encodeCommand(request == Request.READ ? new Ask.Read() : new Ask.Add(1));
    while (true) {
      var any = hot || mine.nextInt(4) == 0;
      group.send(any ? 1 + mine.nextInt(3) : group.sequencer(), id, command, inbox);
      var reply = next(id, answers);
      if (reply.isPresent()) {
        return Counter.CODEC.decodeReply(reply.get());
      }
    }
  }

  /** Nothing after a while, or when the one that was asked is no primary. */
  private static Optional<Bytes> next(RequestId id, BlockingQueue<CallAnswer> answers) {
    try {
      while (true) {
        var answer = answers.poll(200, TimeUnit.MILLISECONDS);
        if (answer == null) {
          return Optional.empty();
        }
        if (answer.request().equals(id)) {
          if (answer instanceof CallAnswer.Replied(var same, var reply, var kept)) {
            return Optional.of(reply);
          }
          LockSupport.parkNanos(5_000_000);
          return Optional.empty();
        }
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private int successor(int of) {
    Rig.eventually("another is in sync", () -> !group.inSyncBut(of).isEmpty());
    var all = group.inSyncBut(of);
    return all.get(random.nextInt(all.size()));
  }

  /** The one that numbers breaks, and comes back as a new run. */
  private void breaks() {
    var victim = group.sequencer();
    group.send(
        victim, new RequestId("breaker", ++breaks), Counter.CODEC.encodeCommand(new Ask.Break()));
    group.fails(victim);
    var next = successor(victim);
    group.promote(next);
    group.acts(next);
    start(victim);
  }

  /** Taken for dead when its lease is over, it lives on and is asked; then it comes back empty. */
  private void lostFromSight() {
    var old = group.sequencer();
    var next = successor(old);
    group.lease(old, new Lease.Until(System.nanoTime() - 1));
    group.cutOff(old);
    group.lose(old);
    group.promote(next);
    group.acts(next);
    LockSupport.parkNanos(random.nextInt(50_000_000));
    group.back(old);
    start(old);
    group.lease(old, new Lease.Off());
  }

  private void linearizable() throws Exception {
    for (int fault = 0; fault < FAULTS; fault++) {
      LockSupport.parkNanos(random.nextInt(100_000_000));
      if (random.nextBoolean()) {
        breaks();
      } else {
        lostFromSight();
      }
    }
    ending = true;
    for (var client : clients) {
      client.join();
    }
    var all = history.all();
    assertThat(all).hasSizeGreaterThan(FAULTS * CLIENTS);
    assertThat(Linearizability.check(new io.understudy.history.Counter(), all))
        .as("%d requests, -Dunderstudy.seed=%d", all.size(), SEED)
        .isEmpty();
  }

  @Test
  @DisplayName("[21][22] warm: what clients see is what one copy that never fails would do")
  void warm() throws Exception {
    begin(true);
    linearizable();
  }

  @Test
  @DisplayName("[23][24] hot: what clients see is what one copy that never fails would do")
  void hot() throws Exception {
    begin(false);
    linearizable();
  }
}
