package io.understudy.superwatchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.Certainty;
import io.understudy.model.HostId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Juries that hear each other when the test says so. */
class JuryTest {
  private static final LeaseTerms TERMS =
      new LeaseTerms(Duration.ofMillis(2500), Duration.ofMillis(200), 0.02);
  private static final long MS = 1_000_000;
  private static final long WAIT = TERMS.waitNanos();
  private static final String H1 = "10.0.0.1:17355#a";
  private static final String LIFE = H1 + "/1";
  private static final HostId H2 = new HostId("H2");
  private static final HostId H5 = new HostId("H5");
  private static final HostId H6 = new HostId("H6");

  private final Map<HostId, Jury> juries = new LinkedHashMap<>();
  private long now;
  private long beats;

  /** A beat of a WatchDog that has heard the answer to its last one. */
  private Jury hearing(Jury jury, String incarnation) {
    beats++;
    return jury.heard(incarnation, OptionalLong.of(beats), now);
  }

  private static boolean suspected(String subject) {
    return !subject.isEmpty();
  }

  private static String node(HostId host) {
    return "10.0.0.%s:17355#x".formatted(host.value().charAt(1));
  }

  /** Juries on these hosts that know of each other, and whose past is confirmed. */
  private void juries(HostId... hosts) {
    var nodes = new LinkedHashMap<HostId, String>();
    List.of(hosts).forEach(host -> nodes.put(host, node(host)));
    for (HostId host : hosts) {
      var jury = Jury.begin(Seat.of(host, node(host), 1, 1), TERMS, now).electors(nodes, now);
      juries.put(host, jury);
    }
    talk(hosts);
    talk(hosts);
  }

  private void at(HostId host, UnaryOperator<Jury> what) {
    juries.compute(host, (key, jury) -> what.apply(Optional.ofNullable(jury).orElseThrow()));
  }

  private Jury at(HostId host) {
    return Optional.ofNullable(juries.get(host)).orElseThrow();
  }

  /** Each of these speaks, and the others of these hear it. */
  private void talk(HostId... hosts) {
    for (HostId from : hosts) {
      at(from, jury -> jury.spoken(now));
      var beat = at(from).beat();
      for (HostId to : hosts) {
        at(to, jury -> jury.heard(beat, now));
      }
    }
  }

  private void grant(HostId... hosts) {
    for (HostId host : hosts) {
      at(host, jury -> hearing(jury, LIFE));
      assertThat(at(host).mayGrant(LIFE, now)).isTrue();
      at(host, jury -> jury.granted(LIFE, now));
    }
  }

  private void look(HostId... hosts) {
    for (HostId host : hosts) {
      at(host, jury -> jury.look(now, JuryTest::suspected));
    }
  }

  @Test
  @DisplayName("[49] H1 silent at all three => dead when two have waited out its lease, not before")
  void silence() {
    juries(H2, H5, H6);
    grant(H2, H5, H6);
    now += WAIT - 1;
    look(H2, H5, H6);
    talk(H2, H5, H6);
    assertThat(at(H2).votes().cast()).isEmpty();
    now += 1;
    look(H2);
    talk(H2, H5, H6);
    assertThat(at(H2).death(LIFE)).isEmpty();
    look(H5);
    talk(H2, H5, H6);
    for (Jury jury : juries.values()) {
      assertThat(jury.death(LIFE)).map(Vote::certainty).contains(Certainty.SUSPECTED);
      assertThat(jury.mayGrant(LIFE, now)).isFalse();
    }
  }

  @Test
  @DisplayName("all are heard => quiet; one is silent, or anybody is accused => not")
  void quiet() {
    var silence = Duration.ofSeconds(1);
    juries(H2, H5, H6);
    grant(H2, H5, H6);
    assertThat(at(H2).isQuiet(silence, now)).isTrue();
    assertThat(at(H2).isQuiet(silence, now + silence.toNanos() - 1)).isTrue();
    assertThat(at(H2).isQuiet(silence, now + silence.toNanos())).as("H1 is silent").isFalse();
    at(H5, jury -> jury.proved(node(H6), "it refuses connections", now));
    assertThat(at(H5).isQuiet(silence, now)).as("it accuses H6").isFalse();
    assertThat(at(H2).isQuiet(silence, now)).isTrue();
    talk(H5, H2);
    assertThat(at(H2).isQuiet(silence, now)).as("H5 accuses H6").isFalse();
  }

  @Test
  @DisplayName("H5 has not heard what H2 said last and the time before => H2 notices")
  void isMissed() {
    juries(H2, H5, H6);
    talk(H2, H5, H6);
    at(H2, jury -> jury.spoken(now));
    assertThat(at(H2).isMissedBy(at(H5).beat())).as("one is on its way").isFalse();
    at(H2, jury -> jury.spoken(now).spoken(now));
    assertThat(at(H2).isMissedBy(at(H5).beat())).isTrue();
    talk(H2, H5);
    assertThat(at(H2).isMissedBy(at(H5).beat())).isFalse();
    assertThat(at(H2).isMissedBy(at(H6).beat())).isTrue();
  }

  @Test
  @DisplayName("[49] H1 is heard and hears nothing => it earns no lease any more, and is dead soon")
  void aDeafHost() {
    juries(H2, H5, H6);
    grant(H2, H5, H6);
    var last = OptionalLong.of(beats);
    var deafAt = now;
    for (; at(H2).death(LIFE).isEmpty(); now += 100 * MS) {
      for (HostId host : List.of(H2, H5, H6)) {
        at(host, jury -> jury.heard(LIFE, last, now));
        at(host, jury -> jury.mayGrant(LIFE, now) ? jury.granted(LIFE, now) : jury);
      }
      look(H2, H5, H6);
      talk(H2, H5, H6);
    }
    assertThat(now - deafAt).isBetween(WAIT, WAIT + TERMS.deafNanos() + 300 * MS);
  }

  @Test
  @DisplayName("[49] H1 is slow to hear, and some answers are lost => it keeps its lease")
  void aHostThatHearsLittle() {
    juries(H2);
    grant(H2);
    var life = beats;
    for (int beat = 0; beat < 100; beat++) {
      now += 900 * MS; // starved
      var answered = OptionalLong.of(life + beat - beat % 3);
      at(H2, jury -> jury.heard(LIFE, answered, now));
      assertThat(at(H2).mayGrant(LIFE, now)).isTrue();
      at(H2, jury -> jury.granted(LIFE, now));
      look(H2);
    }
    assertThat(at(H2).votes().cast()).isEmpty();
  }

  @Test
  @DisplayName("[47] a fresh host has had no answer yet => it earns leases, for a while")
  void aFreshHost() {
    juries(H2);
    for (int beat = 0; beat < 5; beat++, now += 100 * MS) {
      at(H2, jury -> jury.heard(LIFE, OptionalLong.empty(), now));
      assertThat(at(H2).mayGrant(LIFE, now)).isTrue();
    }
    now += TERMS.deafNanos();
    at(H2, jury -> jury.heard(LIFE, OptionalLong.empty(), now));
    assertThat(at(H2).mayGrant(LIFE, now)).isFalse();
    at(H2, jury -> jury.heard(LIFE, OptionalLong.of(1), now));
    assertThat(at(H2).mayGrant(LIFE, now)).isTrue();
  }

  @Test
  @DisplayName("[52] its connections close and refuse => dead at once when two have found so")
  void certainDeath() {
    juries(H2, H5, H6);
    grant(H2, H5, H6);
    now += MS;
    at(H5, jury -> jury.proved(H1, "refuses", now));
    talk(H2, H5, H6);
    assertThat(at(H2).death(LIFE)).isEmpty();
    at(H2, jury -> jury.proved(H1, "refuses", now));
    assertThat(at(H2).death(LIFE)).contains(Vote.certain("refuses"));
    now += WAIT;
    talk(H2, H5, H6);
    look(H2, H5, H6);
    talk(H2, H5, H6);
    assertThat(at(H2).verdicts()).as("suspected, too").containsKey(LIFE);
    assertThat(at(H2).death(LIFE)).contains(Vote.certain("refuses"));
  }

  @Test
  @DisplayName("a firewall refuses at one of them, H1 is heard again => its vote is withdrawn")
  void aFalseProof() {
    juries(H2, H5, H6);
    grant(H2, H5, H6);
    at(H5, jury -> jury.proved(H1, "refuses", now));
    talk(H2, H5, H6);
    now += MS;
    at(H5, jury -> hearing(jury, LIFE));
    assertThat(at(H5).mayGrant(LIFE, now)).isFalse();
    look(H5);
    assertThat(at(H5).votes().cast()).isEmpty();
    assertThat(at(H5).mayGrant(LIFE, now)).as("nobody has heard of it").isFalse();
    talk(H5, H2);
    talk(H5, H2);
    assertThat(at(H5).mayGrant(LIFE, now)).as("H6 may still count it").isFalse();
    talk(H5, H6);
    talk(H5, H6);
    assertThat(at(H5).mayGrant(LIFE, now)).isTrue();
  }

  @Test
  @DisplayName("H5 proves that H2 and H6 are dead => alone, it judges when their leases are over")
  void theDeadHaveNoVote() {
    juries(H2, H5, H6);
    at(H5, jury -> jury.proved(node(H2), "refuses", now));
    assertThat(at(H5).death(node(H2))).isEmpty();
    at(H5, jury -> jury.proved(node(H6), "refuses", now));
    assertThat(at(H5).verdicts()).isEmpty();
    now += WAIT;
    look(H5);
    assertThat(at(H5).death(node(H2))).contains(Vote.certain("refuses"));
    assertThat(at(H5).death(node(H6))).contains(Vote.certain("refuses"));
  }

  @Test
  @DisplayName("two SuperWatchDogs, one seems to refuse, and is heard again => nothing follows")
  void aFalseProofByOneOfTwo() {
    juries(H2, H5);
    grant(H2, H5);
    at(H2, jury -> jury.proved(node(H5), "refuses", now));
    look(H2);
    assertThat(at(H2).verdicts()).isEmpty();
    now += MS;
    talk(H2, H5);
    look(H2);
    assertThat(at(H2).votes().cast()).isEmpty();
    assertThat(at(H2).verdicts()).isEmpty();
  }

  @Test
  @DisplayName("two SuperWatchDogs, one dies => the other judges it when its leases are over")
  void oneOfTwoDies() {
    juries(H2, H5);
    at(H5, jury -> jury.proved(node(H2), "refuses", now));
    now += WAIT - 1;
    look(H5);
    assertThat(at(H5).verdicts()).isEmpty();
    now += 1;
    look(H5);
    assertThat(at(H5).death(node(H2))).contains(Vote.certain("refuses"));
  }

  @Test
  @DisplayName("a verdict that others still vote for is remembered => nobody is judged again")
  void aVerdictStaysWhileOthersVote() {
    juries(H2, H5, H6);
    grant(H2, H5, H6);
    now += WAIT;
    talk(H2, H5, H6);
    look(H2, H5, H6);
    talk(H2, H5, H6);
    assertThat(at(H2).verdicts()).containsOnlyKeys(LIFE);
    forgetAll(H2);
    assertThat(at(H2).verdicts()).as("of H5 and H6 too").containsOnlyKeys(LIFE);
    assertThat(at(H2).votes().cast()).isEmpty();
    forgetAll(H5, H6);
    talk(H2, H5, H6);
    forgetAll(H2, H5, H6);
    assertThat(at(H2).verdicts()).isEmpty();
  }

  @Test
  @DisplayName("a node is dead, its WatchDog not forgotten yet => neither is the verdict")
  void verdictsOfTheRemembered() {
    juries(H2, H5, H6);
    grant(H2, H5, H6);
    now += MS;
    at(H2, jury -> jury.proved(H1, "refuses", now));
    at(H5, jury -> jury.proved(H1, "refuses", now));
    for (int look = 0; look < 3; look++) {
      talk(H2, H5, H6);
      forgetAllBut(LIFE, H2, H5, H6);
    }
    assertThat(at(H5).votes().cast()).isEmpty();
    assertThat(at(H5).death(LIFE)).contains(Vote.certain("refuses"));
    forgetAll(H2, H5, H6);
    assertThat(at(H5).verdicts()).isEmpty();
  }

  private void forgetAll(HostId... hosts) {
    forgetAllBut("nobody", hosts);
  }

  private void forgetAllBut(String wanted, HostId... hosts) {
    for (HostId host : hosts) {
      at(host, jury -> jury.keeping(wanted::equals));
    }
  }

  @Test
  @DisplayName(
      "two SuperWatchDogs, cut 1|1 => the one of the lower name goes on, the other does not")
  void twoThatAreCut() {
    juries(H2, H5);
    grant(H2, H5);
    now += 3 * WAIT;
    look(H2, H5);
    look(H2, H5);
    assertThat(at(H5).votes().cast()).containsKeys(LIFE, node(H2));
    assertThat(at(H5).verdicts()).isEmpty();
    assertThat(at(H2).verdicts()).containsOnlyKeys(LIFE, node(H5));
  }

  @Test
  @DisplayName("{H2} | {H5, H6}: the cluster drops them at H2 one by one => H2 judges nobody")
  void aMinorityDoesNotShrinkToAMajority() {
    juries(H2, H5, H6);
    grant(H2);
    at(H2, jury -> jury.putOut(node(H5)).electors(Map.of(H2, node(H2), H6, node(H6)), now));
    at(H2, jury -> jury.putOut(node(H6)).electors(Map.of(H2, node(H2)), now));
    now += 2 * WAIT;
    look(H2);
    assertThat(at(H2).peers().nodes()).hasSize(3);
    assertThat(at(H2).verdicts()).isEmpty();
    // and of {H5, H6}, who agree, each goes on without H2
    talk(H5, H6);
    look(H5, H6);
    talk(H5, H6);
    at(H5, jury -> jury.electors(Map.of(H5, node(H5), H6, node(H6)), now));
    assertThat(at(H5).peers().nodes()).containsOnlyKeys(H5, H6);
  }

  @Test
  @DisplayName("another accuses this one's own node => it does not listen for itself")
  void accusedItself() {
    juries(H2, H5, H6);
    now += WAIT;
    at(H6, jury -> hearing(jury, LIFE));
    at(H5, jury -> jury.look(now, JuryTest::suspected).spoken(now));
    at(H2, jury -> jury.heard(at(H5).beat(), now));
    now += WAIT;
    grant(H2);
    look(H2);
    assertThat(at(H2).votes().cast()).doesNotContainKey(node(H2));
    assertThat(at(H2).lives().knows(node(H2))).isFalse();
  }

  @Test
  @DisplayName("H2 was starved with its own WatchDog => H2 accuses neither; H5 and H6 may")
  void starvedWithItsWatchDog() {
    juries(H2, H5, H6);
    var own = node(H2) + "/1";
    List.of(H2, H5, H6).forEach(host -> at(host, jury -> hearing(jury, own)));
    now += WAIT;
    at(H2, jury -> jury.proved(node(H2), "refuses", now));
    look(H2);
    talk(H5, H6);
    assertThat(at(H2).votes().cast()).doesNotContainKeys(own, node(H2));
    look(H5, H6);
    talk(H2, H5, H6);
    assertThat(at(H2).death(own)).isPresent();
  }

  @Test
  @DisplayName("a single SuperWatchDog, starved with its own WatchDog => it goes on with it")
  void starvedAlone() {
    juries(H2);
    at(H2, jury -> jury.expect(node(H2) + "/1", now));
    now += WAIT;
    look(H2);
    assertThat(at(H2).verdicts()).isEmpty();
  }

  private void speaksTo(HostId from, HostId... hosts) {
    at(from, jury -> jury.spoken(now));
    var beat = at(from).beat();
    List.of(hosts).forEach(to -> at(to, jury -> jury.heard(beat, now)));
  }

  @Test
  @DisplayName("H2 x H5, and H6 is heard by both and hears neither => it judges with neither")
  void deafJuror() {
    juries(H2, H5, H6);
    now += WAIT;
    speaksTo(H6, H2, H5);
    look(H2, H5, H6);
    speaksTo(H6, H2, H5);
    assertThat(at(H6).votes().cast()).containsOnlyKeys(node(H2), node(H5));
    assertThat(at(H2).verdicts()).isEmpty();
    assertThat(at(H5).verdicts()).isEmpty();
  }

  @Test
  @DisplayName("{H1, H2, H5} without {H3, H6}, which hear H1 again => H1 judges nobody with them")
  void whoWasAccusedIsNoPartner() {
    var h1 = new HostId("H1");
    var h3 = new HostId("H3");
    juries(h1, H2, h3, H5, H6);
    now += WAIT;
    talk(h1, H2, H5);
    look(h1, H2, H5);
    speaksTo(h1, H2, H5);
    talk(H2, H5);
    assertThat(at(H2).verdicts()).containsKeys(node(h3), node(H6));
    now += WAIT; // H2 and H5 have gone on, without H1 by now
    talk(h1, h3, H6);
    look(h1, h3, H6);
    talk(h1, h3, H6);
    assertThat(at(h1).votes().cast()).containsOnlyKeys(node(H2), node(H5));
    assertThat(at(h3).votes().cast()).containsOnlyKeys(node(H2), node(H5));
    for (HostId left : List.of(h1, h3, H6)) {
      assertThat(at(left).verdicts()).isEmpty();
    }
  }

  @Test
  @DisplayName(
      "H2 hears H6 again, which it accused, and H5 is dead => H5 alone cannot have gone on")
  void whoCannotHaveGoneOn() {
    juries(H2, H5, H6);
    now += WAIT;
    look(H2);
    now += MS;
    talk(H2, H6);
    look(H2, H6);
    talk(H2, H6);
    assertThat(at(H2).verdicts()).containsOnlyKeys(node(H5));
    assertThat(at(H6).verdicts()).containsOnlyKeys(node(H5));
  }

  @Test
  @DisplayName("the last of several SuperWatchDogs => it grants leases; one alone for good => none")
  void theLastOfSeveral() {
    juries(H2);
    assertThat(at(H2).grant(7)).isEqualTo(new HostLease.Grant(7, 0));
    var one = Jury.begin(Seat.of(H2, node(H2), 2, 2), TERMS, now);
    assertThat(one.grant(7)).as("others are to come").isEqualTo(new HostLease.Grant(7, 1));
    juries(H2, H5);
    at(H2, jury -> jury.departed(node(H5), "left").electors(Map.of(H2, node(H2)), now));
    assertThat(at(H2).peers().nodes()).hasSize(1);
    assertThat(at(H2).grant(7)).isEqualTo(new HostLease.Grant(7, 1));
  }

  @Test
  @DisplayName("who is in touch with the majority: itself and one of two others, not itself alone")
  void inTouch() {
    juries(H2, H5, H6);
    assertThat(at(H2).hearsMajority(now)).isTrue();
    now += WAIT;
    assertThat(at(H2).hearsMajority(now)).isFalse();
    talk(H2, H5);
    assertThat(at(H2).hearsMajority(now)).isTrue();
    assertThat(at(H2).judged()).containsOnly(node(H5), node(H6));
  }

  @Test
  @DisplayName(
      "H2 was cut off from H5 and H6, which then die => it may have been put out, and waits")
  void aLoserDoesNotInherit() {
    juries(H2, H5, H6);
    now += WAIT;
    at(H2, jury -> jury.proved(node(H5), "refuses", now).proved(node(H6), "refuses", now));
    assertThat(at(H2).verdicts()).isEmpty();
    assertThat(at(H2).votes().cast()).isEmpty();
  }

  @Test
  @DisplayName("H5 and H6 die, H1 is silent at H2 => H2 waits for the lease that those two gave H1")
  void theLastWaitsForOthersLeases() {
    juries(H2, H5, H6);
    grant(H2, H5, H6);
    now += WAIT;
    talk(H2, H5, H6);
    at(H2, jury -> jury.proved(node(H5), "refuses", now).proved(node(H6), "refuses", now));
    now += WAIT - 1;
    lookAlone();
    assertThat(at(H2).verdicts()).isEmpty();
    now += 1;
    lookAlone();
    assertThat(at(H2).death(LIFE)).isPresent();
  }

  /** The cluster has put the others out. */
  private void lookAlone() {
    look(H2);
    at(H2, jury -> jury.electors(Map.of(H2, node(H2)), now));
    look(H2);
  }

  @Test
  @DisplayName("H5 votes against H1, is not heard any more, and may withdraw => its vote is void")
  void staleVotes() {
    juries(H2, H5, H6);
    grant(H2, H5, H6);
    now += WAIT;
    talk(H2, H5, H6);
    look(H5);
    talk(H2, H5, H6);
    now += TERMS.lease().toNanos();
    talk(H2, H6);
    look(H2);
    assertThat(at(H2).death(LIFE)).isEmpty();
    talk(H2, H5);
    assertThat(at(H2).death(LIFE)).isPresent();
  }

  @Test
  @DisplayName("H6 was dropped, and may count a vote of H5 that H5 withdraws => H5 renews later")
  void whoWasDroppedMayCount() {
    juries(H2, H5, H6);
    grant(H2, H5, H6);
    at(H5, jury -> jury.proved(H1, "refuses", now));
    talk(H2, H5, H6);
    var left = Map.of(H2, node(H2), H5, node(H5));
    at(H5, jury -> jury.departed(node(H6), "left").electors(left, now));
    now += MS;
    at(H5, jury -> hearing(jury, LIFE));
    look(H5);
    talk(H2, H5);
    talk(H2, H5);
    assertThat(at(H5).mayGrant(LIFE, now)).isFalse();
    now += WAIT;
    at(H5, jury -> hearing(jury, LIFE));
    talk(H2, H5);
    assertThat(at(H5).mayGrant(LIFE, now)).isTrue();
  }

  @Test
  @DisplayName(
      "H5 begins anew => it renews nothing before the others have heard it, and waits again")
  void beginsAnew() {
    juries(H2, H5, H6);
    grant(H2, H5, H6);
    now += WAIT / 2;
    var nodes = at(H2).peers().nodes();
    juries.put(H5, Jury.begin(Seat.of(H5, node(H5), 2, 3), TERMS, now).electors(nodes, now));
    at(H5, jury -> hearing(jury, LIFE));
    assertThat(at(H5).mayGrant(LIFE, now)).isFalse();
    now += WAIT - 1;
    look(H5);
    assertThat(at(H5).votes().cast()).as("it may have granted just before it ended").isEmpty();
    talk(H2, H5, H6);
    talk(H2, H5, H6);
    assertThat(at(H5).mayGrant(LIFE, now)).isTrue();
  }

  @Test
  @DisplayName("[49] an observer that was paused accuses nobody for that time")
  void pausedObserver() {
    juries(H2);
    grant(H2);
    now += 10 * WAIT;
    at(H2, jury -> jury.paused(Duration.ofNanos(10 * WAIT), now).look(now, JuryTest::suspected));
    assertThat(at(H2).votes().cast()).isEmpty();
    now += WAIT;
    look(H2);
    assertThat(at(H2).death(LIFE)).isPresent();
  }

  @Test
  @DisplayName("the cluster puts H1 out, whose pulse is still heard => dead when its lease is over")
  void putOut() {
    juries(H2);
    grant(H2);
    at(H2, jury -> jury.putOut(H1));
    now += WAIT - 1;
    at(H2, jury -> hearing(jury, LIFE));
    assertThat(at(H2).mayGrant(LIFE, now)).isFalse();
    look(H2);
    assertThat(at(H2).verdicts()).isEmpty();
    now += 1;
    look(H2);
    assertThat(at(H2).death(LIFE)).map(Vote::certainty).contains(Certainty.SUSPECTED);
  }

  @Test
  @DisplayName("H1's WatchDog begins anew => the silence of its last life means nothing")
  void nextLife() {
    juries(H2);
    grant(H2);
    at(H2, jury -> hearing(jury, H1 + "/2"));
    at(H2, jury -> hearing(jury, LIFE)); // overtaken on its way
    now += WAIT;
    at(H2, jury -> hearing(jury, H1 + "/2"));
    look(H2);
    assertThat(at(H2).votes().cast()).isEmpty();
  }

  @Test
  @DisplayName("[50] only the manager's SuperWatchDog expects H1, which nobody hears => dead")
  void nobodyEverHeardIt() {
    juries(H2, H5, H6);
    now += 5 * WAIT;
    talk(H2, H5, H6);
    at(H2, jury -> jury.expect(LIFE, now));
    now += WAIT;
    talk(H2, H5, H6);
    look(H2, H5, H6);
    assertThat(at(H2).votes().cast()).containsOnlyKeys(LIFE);
    assertThat(at(H5).votes().cast()).isEmpty();
    talk(H2, H5, H6);
    look(H5, H6);
    talk(H2, H5, H6);
    assertThat(at(H2).death(LIFE)).isPresent();
  }

  @Test
  @DisplayName(
      "beats that come late or twice are void, and so are those of a node that was replaced")
  void lateBeats() {
    juries(H2, H5);
    at(H5, jury -> jury.proved(H1, "refuses", now).spoken(now));
    var old = at(H5).beat();
    at(H2, jury -> hearing(jury, LIFE).heard(old, now));
    assertThat(at(H2).peers().accuses(H5, H1)).isTrue();
    now += MS;
    at(H5, jury -> hearing(jury, LIFE).look(now, JuryTest::suspected).spoken(now));
    at(H2, jury -> jury.heard(at(H5).beat(), now).heard(old, now));
    assertThat(at(H2).peers().accuses(H5, H1)).isFalse();
    at(H2, jury -> jury.electors(Map.of(H5, "10.0.0.5:17355#other"), now).heard(old, now));
    assertThat(at(H2).peers().beats()).isEmpty();
  }

  @Test
  @DisplayName("[0026] a node that left after its copies is dead at once, without a vote")
  void departed() {
    juries(H2, H5, H6);
    grant(H2);
    at(H2, jury -> jury.departed(H1, "left"));
    assertThat(at(H2).death(LIFE)).contains(Vote.certain("left"));
  }

  /** As {@link #talk}, by datagrams, one in so many of which H2 does not get. */
  private void talkByDatagrams(int round, HostId... hosts) {
    for (HostId from : hosts) {
      at(from, jury -> jury.spoken(now));
      var sent = new PulseMessage.Ringing(at(from).beat()).encoded();
      assertThat(sent.length).isLessThan(PulseMessage.MOST_BYTES);
      var beat = ((PulseMessage.Ringing) PulseMessage.decoded(sent).orElseThrow()).beat();
      for (HostId to : hosts) {
        if (!to.equals(H2) || round % 3 != 0) {
          at(to, jury -> jury.heard(beat, now));
        }
      }
    }
  }

  @Test
  @DisplayName("2,000 hosts fall silent at once, more than a beat has room for => all are judged")
  void tooManyForOneBeat() {
    juries(H2, H5, H6);
    var lives = IntStream.range(0, 2_000).mapToObj("10.1.0.1:%d#a/1"::formatted).toList();
    for (String life : lives) {
      for (HostId host : List.of(H2, H5, H6)) {
        at(host, jury -> hearing(jury, life).granted(life, now));
      }
    }
    now += WAIT;
    talk(H2, H5, H6);
    look(H2, H5, H6);
    for (int round = 0; round < 15; round++) {
      talkByDatagrams(round, H2, H5, H6);
    }
    for (Jury jury : juries.values()) {
      assertThat(lives).allMatch(life -> jury.death(life).isPresent());
    }
  }

  @Test
  @DisplayName("more votes than a beat has room for => those against SuperWatchDogs are in each")
  void neverLeftOut() {
    juries(H2, H5, H6);
    var lives = IntStream.range(0, 2_000).mapToObj("10.0.0.0:%d#a/1"::formatted).toList();
    for (String life : lives) {
      at(H2, jury -> hearing(jury, life).granted(life, now));
    }
    now += WAIT;
    look(H2);
    for (int beat = 0; beat < 12; beat++) {
      at(H2, jury -> jury.spoken(now));
      var sent = new PulseMessage.Ringing(at(H2).beat()).encoded();
      var heard = ((PulseMessage.Ringing) PulseMessage.decoded(sent).orElseThrow()).beat();
      assertThat(heard.votes()).containsKeys(node(H5), node(H6)).hasSizeLessThan(2_000);
    }
  }
}
