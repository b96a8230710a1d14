package io.understudy.watchdog;

import static io.understudy.model.CopyStatus.BACKUP;
import static io.understudy.model.CopyStatus.PRIMARY;
import static io.understudy.watchdog.Speaker.json;
import static io.understudy.watchdog.Speaker.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.CopyId;
import io.understudy.model.Epoch;
import io.understudy.model.StateSpec;
import io.understudy.state.Bytes;
import io.understudy.state.PeerMessage;
import io.understudy.state.Position;
import io.understudy.state.Reply;
import io.understudy.state.Update;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.LongStream;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Modules that are processes keep their state over HTTP; the test speaks for the processes, which
 * do nothing but run.
 */
class StateApiTest {
  private static final StateSpec UNSTORED =
      StateSpec.DEFAULT.withCheckpoint(new CheckpointPolicy.None());
  private static final StateSpec STORED =
      StateSpec.DEFAULT.withCheckpoint(new CheckpointPolicy.EachUpdate());

  private static final Duration LONG = Duration.ofDays(10_000);

  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private Group group;

  @AfterEach
  void stop() {
    group.close();
    http.close();
  }

  private void begin(boolean alone, StateSpec spec) throws IOException {
    group = Group.ofPrograms(folder, alone, spec);
    group.host(1).host(2).host(3);
  }

  /** For the present run of a copy. */
  private Speaker copy(int number) {
    return group.speaker(http, number);
  }

  private Speaker primary(StateSpec spec) throws IOException {
    begin(true, spec);
    group.start(1, PRIMARY);
    group.acts(1);
    return copy(1);
  }

  private void backups() {
    group.start(2, BACKUP);
    group.start(3, BACKUP);
    group.inSync(1);
    group.inSync(2);
    group.inSync(3);
  }

  @Test
  @DisplayName("[21][22] warm: what a primary proposes comes to all in one order, and goes on")
  void warm() throws Exception {
    var one = primary(UNSTORED);
    backups();
    assertThat(one.get("/checkpoint").statusCode()).isEqualTo(204);
    try (var updates = one.follow(0);
        var backup = copy(2).follow(0)) {
      assertThat(one.proposed("a")).isEqualTo(1);
      assertThat(one.proposed("b")).isEqualTo(2);
      assertThat(updates.update()).isEqualTo("1 a");
      assertThat(updates.update()).isEqualTo("2 b");
      assertThat(backup.update()).isEqualTo("1 a");
      group.lose(1);
      group.promote(2);
      group.acts(2);
      assertThat(copy(2).proposed("c")).isEqualTo(3);
      assertThat(backup.update()).isEqualTo("2 b");
      var third = backup.next();
      assertThat(third.get("sequence").asLong()).isEqualTo(3);
      assertThat(third.get("epoch").asLong()).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("[23][24] hot: each copy proposes, and each has the same updates in the same order")
  void hot() throws Exception {
    begin(false, UNSTORED);
    group.start(1, PRIMARY);
    group.acts(1);
    group.startHot(2);
    group.inSync(2);
    group.acts(2);
    try (var first = copy(1).follow(0);
        var second = copy(2).follow(0)) {
      assertThat(copy(2).proposed("from 2")).isEqualTo(1);
      assertThat(copy(1).proposed("from 1")).isEqualTo(2);
      assertThat(json(copy(2).get("/barrier").body()).get("sequence").asLong()).isEqualTo(2);
      for (var updates : List.of(first, second)) {
        assertThat(updates.update()).isEqualTo("1 from 2");
        assertThat(updates.update()).isEqualTo("2 from 1");
      }
    }
  }

  @Test
  @DisplayName("[20][27] cold: a new copy begins with the checkpoint and what came after it")
  void checkpoint() throws Exception {
    var one = primary(UNSTORED.withCheckpoint(new CheckpointPolicy.Periodic(2, LONG)));
    var large = " and more".repeat(1_000_000);
    try (var updates = one.follow(0)) {
      one.proposed("a");
      one.proposed("b");
      updates.update();
      updates.update();
      var wanted = updates.next();
      assertThat(wanted.get("checkpoint").asText()).isEqualTo("wanted");
      assertThat(wanted.get("sequence").asLong()).isEqualTo(2);
      assertThat(refused(409, one.put("/checkpoint?sequence=1", "a")))
          .isEqualTo("the state after 2 is wanted, not that after 1");
      assertThat(one.put("/checkpoint?sequence=2", "a b" + large).statusCode()).isEqualTo(204);
      assertThat(refused(409, one.put("/checkpoint?sequence=2", "a b" + large)))
          .startsWith("no checkpoint is wanted now");
    }
    group.stored(2);
    group.lose(1);
    group.start(2, PRIMARY);
    group.acts(2);
    var next = copy(2);
    var checkpoint = next.get("/checkpoint");
    assertThat(checkpoint.body()).isEqualTo("a b" + large);
    assertThat(checkpoint.headers().firstValue("understudy-sequence")).hasValue("2");
    assertThat(next.proposed("c")).isEqualTo(3);
    try (var updates = next.follow(2)) {
      assertThat(updates.update()).isEqualTo("3 c");
    }
    assertThat(refused(410, next.get("/updates?after=1")))
        .isEqualTo(
            "updates after 1 are not kept here, but those after 2 up to 3: get the checkpoint");
    assertThat(refused(410, next.get("/updates?after=9"))).contains("get the checkpoint");
  }

  @Test
  @DisplayName("[20] a checkpoint that was asked for is wanted still when the copy subscribes anew")
  void wantedStill() throws Exception {
    var one = primary(UNSTORED.withCheckpoint(new CheckpointPolicy.Periodic(1, LONG)));
    try (var updates = one.follow(0)) {
      one.proposed("a");
      updates.update();
      assertThat(updates.next().get("checkpoint").asText()).isEqualTo("wanted");
    }
    one.proposed("b");
    try (var updates = one.follow(0)) {
      assertThat(updates.update()).isEqualTo("1 a");
      assertThat(updates.next().get("sequence").asLong()).isEqualTo(1);
      assertThat(updates.update()).isEqualTo("2 b");
      assertThat(one.put("/checkpoint?sequence=1", "a").statusCode()).isEqualTo(204);
    }
    Rig.eventually(
        "it begins after the checkpoint",
        () -> one.get("/checkpoint").headers().firstValue("understudy-sequence").isPresent());
    Rig.eventually("its checkpoint is its own", () -> one.get("/checkpoint").body().equals("a"));
    try (var updates = one.follow(1)) {
      assertThat(updates.update()).isEqualTo("2 b");
    }
  }

  @Test
  @DisplayName(
      "[20] a checkpoint comes when another copy numbers the updates, and nobody wants it any more"
          + " => it takes no room")
  void wantedNoMore() throws Exception {
    var often = UNSTORED.withCheckpoint(new CheckpointPolicy.Periodic(1, LONG));
    var one = primary(often.withInSyncTimeout(LONG));
    try (var updates = one.follow(0)) {
      one.proposed("a");
      assertThat(updates.update()).isEqualTo("1 a");
      assertThat(updates.next().get("checkpoint").asText()).isEqualTo("wanted");
      group.start(2, BACKUP);
      group.inSync(2);
      group.deafen(2);
      assertThat(one.propose("b").statusCode()).as("2 is not committed").isEqualTo(503);
      group.say(1, otherSecond());
      Rig.eventually("it follows", () -> one.get("/barrier").statusCode() == 409);
      assertThat(one.put("/checkpoint?sequence=1", "a").statusCode()).isEqualTo(204);
      var room = folder.resolve("H1/copies/A1/state/1");
      Rig.eventually("its room is given back", () -> room.toFile().list().length == 0);
    }
  }

  /** From copy 2, which has another second update. */
  private static PeerMessage otherSecond() {
    var second = new Position(new Epoch(9), 2);
    var other =
        new Update(second, Optional.empty(), Optional.empty(), Bytes.utf8("c"), Bytes.EMPTY);
    var sender = new PeerMessage.Sender(new Epoch(9), new CopyId(Group.A, 2), 2);
    var first = new Position(new Epoch(1), 1);
    return new PeerMessage.Append(sender, first, List.of(other), 1, 0);
  }

  @Test
  @DisplayName("[20][68] cold, each update stored: restarted in place it has every one")
  void eachUpdate() throws Exception {
    var one = primary(STORED);
    one.proposed("a");
    one.proposed("b");
    group.lose(1);
    group.start(1, PRIMARY);
    group.acts(1);
    var again = copy(1);
    assertThat(again.get("/checkpoint").statusCode()).isEqualTo(204);
    try (var updates = again.follow(0)) {
      assertThat(updates.update()).isEqualTo("1 a");
      assertThat(updates.update()).isEqualTo("2 b");
    }
  }

  @Test
  @DisplayName("[22] an update that is proposed again with its id takes effect once")
  void duplicates() throws Exception {
    var one = primary(UNSTORED);
    assertThat(one.propose("me", "1", "a").body()).contains("\"sequence\":1,\"duplicate\":false");
    assertThat(one.propose("me", "1", "a").body()).contains("\"sequence\":1,\"duplicate\":true");
    assertThat(one.propose("me", "2", "b").body()).contains("\"sequence\":2,\"duplicate\":false");
    assertThat(refused(422, one.propose("me", "1", "a"))).contains("request 2 of me came after it");
  }

  @Test
  @DisplayName("[I5] a backup, and a primary without a lease, may neither propose nor serve")
  void notPrimary() throws Exception {
    var one = primary(UNSTORED);
    backups();
    assertThat(one.get("/barrier").statusCode()).isEqualTo(200);
    assertThat(refused(409, copy(2).propose("a"))).contains("the copy is not the primary");
    assertThat(refused(409, copy(2).get("/barrier"))).contains("the copy is not the primary");
    group.lease(1, new Lease.Until(System.nanoTime() - 1));
    // "The host's lease is over" while the copy runs; its WatchDog ends it, and its token with it.
    assertThat(one.propose("a").statusCode()).isIn(409, 401, 503);
    assertThat(one.get("/barrier").statusCode()).isIn(409, 401, 503);
  }

  @Test
  @DisplayName("[I4] a stale primary that hears nothing commits nothing; the new one does, once")
  void stale() throws Exception {
    var one = primary(UNSTORED);
    backups();
    group.cutOff(1);
    group.promote(2);
    group.acts(2);
    assertThat(refused(409, one.propose("me", "1", "a"))).contains("may or may not be committed");
    assertThat(copy(2).propose("me", "1", "a").body()).contains("\"sequence\":1");
    assertThat(copy(2).propose("me", "1", "a").body()).contains("\"duplicate\":true");
  }

  @Test
  @DisplayName("what is not decided in time says so, and the same again takes effect once")
  void undecided() throws Exception {
    var one = primary(UNSTORED.withInSyncTimeout(LONG));
    backups();
    group.deafen(3);
    var late = refused(503, one.propose("me", "1", "a"));
    assertThat(late).contains("no answer within 1000 ms: it is not committed yet, and may or may");
    group.lose(3);
    assertThat(one.propose("me", "1", "a").body()).contains("\"sequence\":1,\"duplicate\":true");
  }

  @Test
  @DisplayName("what has no name and is not decided in time is not to be proposed again")
  void undecidedWithoutName() throws Exception {
    begin(true, UNSTORED);
    var keeper = group.kit.<StateCopyProtocol.Command>createTestProbe();
    var api = new StateApi(group.kit.system(), Duration.ofMillis(50));
    var late =
        api.propose(HttpRequest.POST("/v1/updates").withEntity("a"), keeper.getRef())
            .toCompletableFuture();
    assertThat(late)
        .failsWithin(Rig.LONG)
        .withThrowableOfType(ExecutionException.class)
        .havingCause()
        .withMessageContaining("proposed again it is another update");
  }

  @Test
  @DisplayName("a copy whose state is not known yet is told to ask again")
  void unknown() throws Exception {
    begin(true, UNSTORED);
    group.start(1, BACKUP); // of a sequencer that never speaks
    assertThat(refused(503, copy(1).get("/checkpoint"))).contains("no answer within 1000 ms");
  }

  @Test
  @DisplayName("what is asked in a wrong way is refused with what to do instead")
  void refusals() throws Exception {
    var one = primary(UNSTORED);
    assertThat(refused(400, one.get("/updates"))).startsWith("after is missing: add ?after= and");
    assertThat(refused(400, one.get("/updates?after=x"))).startsWith("after is x");
    assertThat(refused(400, one.put("/checkpoint", ""))).startsWith("sequence is missing");
    assertThat(refused(400, one.put("/checkpoint?sequence=-1", ""))).startsWith("sequence is -1");
    assertThat(refused(400, one.propose("me", "none", "a")))
        .startsWith("Understudy-Request is none");
    assertThat(refused(400, one.propose("me", "0", "a"))).startsWith("Understudy-Request is 0");
    assertThat(refused(400, one.propose("m".repeat(201), "1", "a")))
        .isEqualTo(
            "Understudy-Client is 201 characters long: name the client with 1 to 200 characters");
    var unnamed =
        one.to("/updates").header("Understudy-Request", "1").POST(BodyPublishers.ofString("a"));
    assertThat(refused(400, one.send(unnamed))).startsWith("Understudy-Client is missing");
    var large = BodyPublishers.ofByteArray(new byte[StateApi.MAX_UPDATE + 1]);
    assertThat(refused(413, one.propose("me", "1", large)))
        .isEqualTo("the body has 1000001 bytes or more: send at most 1000000 bytes");
    assertThat(refused(400, one.propose("me", "9223372036854775808", "a")))
        .isEqualTo(
            "Understudy-Request is 9223372036854775808: send a number that rises, from 1 to"
                + " 9223372036854775807");
    var largest = BodyPublishers.ofByteArray(new byte[StateApi.MAX_UPDATE]);
    assertThat(one.propose("me", "1", largest).statusCode()).isEqualTo(200);
    for (var path : List.of("/checkpoint", "/updates", "/barrier")) {
      var notAllowed = one.send(one.to(path).DELETE());
      assertThat(refused(405, notAllowed)).contains("is for GET");
      assertThat(notAllowed.headers().firstValue("Allow").orElse("")).startsWith("GET");
      var stranger = one.to(path).setHeader("Authorization", "Bearer wrong").GET();
      assertThat(refused(401, one.send(stranger))).contains("this token is no running copy's");
    }
  }

  @Test
  @DisplayName("when too much is in hand, nothing is done, and it may be asked again later")
  void overloaded() throws Exception {
    begin(true, UNSTORED);
    var keeper = group.kit.<StateCopyProtocol.Command>createTestProbe();
    var api = new StateApi(group.kit.system(), Rig.LONG);
    var answer =
        api.propose(HttpRequest.POST("/v1/updates").withEntity("a"), keeper.getRef())
            .exceptionally(Problem::answer)
            .toCompletableFuture();
    var asked = keeper.expectMessageClass(StateCopyProtocol.Propose.class, Rig.LONG);
    asked.replyTo().tell(new Reply.Overloaded("100000 are in hand"));
    var refused = answer.join();
    assertThat(refused.status().intValue()).isEqualTo(429);
    assertThat(refused.getHeader("Retry-After")).isPresent();
  }

  private static List<Update> large(int many) {
    var payload = Bytes.wrap(new byte[StateApi.MAX_UPDATE]);
    return LongStream.rangeClosed(1, many)
        .mapToObj(
            sequence ->
                new Update(
                    new Position(new Epoch(1), sequence),
                    Optional.empty(),
                    Optional.empty(),
                    payload,
                    Bytes.EMPTY))
        .toList();
  }

  @Test
  @DisplayName("a copy that does not read its updates holds nobody up, and is told to begin anew")
  void unread() throws Exception {
    begin(true, UNSTORED);
    var lines = new UpdateLines();
    large(600).forEach(update -> lines.updates(List.of(update)));
    var said =
        lines
            .source(() -> {})
            .runFold("", (all, next) -> all + next.utf8String(), group.kit.system())
            .toCompletableFuture()
            .join();
    assertThat(said).startsWith("{\"end\":\"more than").contains("subscribe again");
  }

  @Test
  @DisplayName("a copy that begins anew is given all that a log may hold")
  void fullLog() throws Exception {
    begin(true, UNSTORED);
    var lines = new UpdateLines();
    lines.updates(large(280)); // a log takes no more when it has 256 MiB
    lines.end("that is all");
    var bytes =
        lines
            .source(() -> {})
            .runFold(0L, (all, next) -> all + next.size(), group.kit.system())
            .toCompletableFuture()
            .join();
    assertThat(bytes).isGreaterThan(280L * StateApi.MAX_UPDATE);
  }

  @Test
  @DisplayName("[20] a checkpoint that the host cannot keep is no fault of the copy: it asks again")
  void noPlace() throws Exception {
    var one = primary(UNSTORED.withCheckpoint(new CheckpointPolicy.Periodic(1, LONG)));
    try (var updates = one.follow(0)) {
      one.proposed("a");
      updates.update();
      assertThat(updates.next().get("checkpoint").asText()).isEqualTo("wanted");
      Files.createDirectories(folder.resolve("H1/copies/A1/state/1/put-1.part"));
      var state = "a".repeat(50_000_000);
      assertThat(refused(503, one.put("/checkpoint?sequence=1", state)))
          .startsWith("the checkpoint cannot be kept: ");
      assertThat(one.put("/checkpoint?sequence=1", state).statusCode()).isEqualTo(204);
    }
  }

  @Test
  @DisplayName("a second stream of updates takes the place of the first, which says so")
  void oneStream() throws Exception {
    var one = primary(UNSTORED);
    try (var first = one.follow(0);
        var second = one.follow(0)) {
      assertThat(first.next().get("end").asText()).contains("another feed");
      first.ends();
      one.proposed("a");
      assertThat(second.update()).isEqualTo("1 a");
      group.lose(1);
    }
  }
}
