package io.understudy.history;

import static io.understudy.history.Operation.of;
import static io.understudy.history.Operation.unknown;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.history.Counter.Request;
import io.understudy.history.Register.Answer;
import io.understudy.history.Register.Request.Read;
import io.understudy.history.Register.Request.Swap;
import io.understudy.history.Register.Request.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The judge is judged: by hand, and by trying all orders of small histories. */
class LinearizabilityTest {
  private static Operation<Register.Request, Answer> write(int client, long v, long from, long to) {
    return of(client, new Write("x", v), new Answer(true, v), from, to);
  }

  private static Operation<Register.Request, Answer> read(int client, long v, long from, long to) {
    return of(client, new Read("x"), new Answer(true, v), from, to);
  }

  private static Operation<Request, Long> increment(int client, long v, long from, long to) {
    return of(client, Request.INCREMENT, v, from, to);
  }

  private static Operation<Request, Long> count(int client, long v, long from, long to) {
    return of(client, Request.READ, v, from, to);
  }

  @SafeVarargs
  private static boolean register(Operation<Register.Request, Answer>... history) {
    return Linearizability.check(new Register(), List.of(history)).isEmpty();
  }

  @SafeVarargs
  private static boolean counter(Operation<Request, Long>... history) {
    return Linearizability.check(new Counter(), List.of(history)).isEmpty();
  }

  @Test
  void oneAfterTheOther() {
    assertThat(register(read(1, 0, 0, 1), write(1, 5, 2, 3), read(2, 5, 4, 5))).isTrue();
  }

  @Test
  void aStaleReadIsFound() {
    assertThat(register(write(1, 5, 0, 1), read(2, 0, 2, 3))).isFalse();
  }

  @Test
  void aReadDuringAWriteMaySeeEither() {
    assertThat(register(write(1, 5, 0, 9), read(2, 0, 1, 2), read(2, 5, 3, 4))).isTrue();
    assertThat(register(write(1, 5, 0, 9), read(2, 5, 1, 2), read(3, 0, 3, 4))).isFalse();
  }

  @Test
  void whatTouchesOverlaps() {
    assertThat(register(write(1, 5, 0, 2), read(2, 0, 2, 3))).isTrue();
  }

  @Test
  void twoReadersAgreeOnTheOrderOfTwoWrites() {
    assertThat(
            register(
                write(1, 1, 0, 9),
                write(2, 2, 0, 9),
                read(3, 1, 1, 2),
                read(3, 2, 3, 4),
                read(4, 2, 5, 6)))
        .isTrue();
    assertThat(
            register(
                write(1, 1, 0, 9),
                write(2, 2, 0, 9),
                read(3, 1, 1, 2),
                read(3, 2, 3, 4),
                read(4, 1, 5, 6)))
        .isFalse();
  }

  @Test
  void aSwapSucceedsOnce() {
    var first = of(1, (Register.Request) new Swap("x", 0, 1), new Answer(true, 1), 0, 5);
    var second = of(2, (Register.Request) new Swap("x", 0, 2), new Answer(true, 2), 0, 5);
    var beaten = of(2, (Register.Request) new Swap("x", 0, 2), new Answer(false, 1), 0, 5);
    assertThat(register(first, second)).isFalse();
    assertThat(register(first, beaten)).isTrue();
  }

  @Test
  void anUnknownWriteMayHaveHappenedAtAnyTimeLater() {
    var lost = Operation.<Register.Request, Answer>unknown(1, new Write("x", 5), 2);
    assertThat(register(lost, read(2, 0, 3, 4), read(2, 5, 100, 101))).isTrue();
    assertThat(register(lost, read(2, 0, 3, 4), read(2, 0, 100, 101))).isTrue();
    assertThat(register(lost, read(2, 5, 3, 4), read(2, 0, 100, 101))).isFalse();
    assertThat(register(lost, read(2, 5, 0, 1))).as("before it was asked for").isFalse();
  }

  @Test
  void anAcknowledgedUpdateThatIsLostIsFound() {
    assertThat(counter(increment(1, 1, 0, 1), increment(2, 2, 2, 3), count(1, 1, 4, 5))).isFalse();
  }

  @Test
  void anUpdateThatIsAppliedTwiceIsFound() {
    assertThat(counter(increment(1, 1, 0, 1), count(1, 2, 2, 3))).isFalse();
    assertThat(counter(increment(1, 1, 0, 1), increment(2, 1, 0, 1))).isFalse();
    assertThat(counter(increment(1, 1, 0, 1), unknown(2, Request.INCREMENT, 0), count(1, 2, 2, 3)))
        .as("unless another may have been")
        .isTrue();
    assertThat(counter(increment(1, 1, 0, 1), unknown(2, Request.INCREMENT, 0), count(1, 3, 2, 3)))
        .isFalse();
  }

  @Test
  void registersWithDifferentNamesAreJudgedApart() {
    var other = of(2, (Register.Request) new Read("y"), new Answer(true, 0), 2L, 3L);
    var stale = read(2, 0, 2, 3);
    assertThat(byKey(write(1, 5, 0, 1), other)).isEmpty();
    assertThat(byKey(write(1, 5, 0, 1), other, stale))
        .get()
        .extracting(Object::toString)
        .asString()
        .contains("Read[key=x]", "[5]");
  }

  @SafeVarargs
  private static Optional<Linearizability.Violation> byKey(
      Operation<Register.Request, Answer>... history) {
    return Linearizability.checkByKey(new Register(), List.of(history), Register.Request::key);
  }

  @Test
  void manyUnknownOutcomesOfOneKindAreNoBurden() {
    var history = new ArrayList<Operation<Request, Long>>();
    IntStream.range(0, 60).forEach(i -> history.add(unknown(i, Request.INCREMENT, i)));
    IntStream.range(0, 200)
        .forEach(
            i -> history.add(increment(1, i + 1 + Math.min(60, i / 2), 100 + 2 * i, 101 + 2 * i)));
    assertThat(Linearizability.check(new Counter(), history)).isEmpty();
    history.add(count(1, 261, 1000, 1001));
    assertThat(Linearizability.check(new Counter(), history)).isPresent();
  }

  @Test
  @DisplayName("100,000 requests of eight clients are judged; one lie among them is found")
  void longHistories() {
    var random = new Random(7);
    var history = new ArrayList<>(Runs.of(new Counter(), random, 8, 100_000, Runs::counting));
    assertThat(Linearizability.check(new Counter(), history)).isEmpty();
    var at = history.size() / 2;
    history.set(at, lie(history.get(at)));
    assertThat(Linearizability.check(new Counter(), history)).isPresent();
  }

  private static Operation<Request, Long> lie(Operation<Request, Long> told) {
    return of(
        told.client(),
        told.input(),
        told.output().orElse(0L) - 20,
        told.invoked(),
        told.invoked() + 1);
  }

  @Test
  void agreesWithTryingAllOrdersOfSmallHistories() {
    var judged = new int[2];
    for (int seed = 0; seed < 20_000; seed++) {
      var random = new Random(seed);
      var history = Runs.of(new Register(), random, 3, 6, Runs::registering);
      assertThat(Linearizability.check(new Register(), history)).as("true, seed " + seed).isEmpty();
      var spoiled = Runs.spoiled(history, random);
      var expected = Runs.someOrderExplains(new Register(), spoiled);
      assertThat(Linearizability.check(new Register(), spoiled).isEmpty())
          .as("seed %d: %s", seed, spoiled)
          .isEqualTo(expected);
      judged[expected ? 1 : 0]++;
    }
    assertThat(judged[0]).as("bad histories").isGreaterThan(2_000);
    assertThat(judged[1]).as("good histories").isGreaterThan(2_000);
  }
}
