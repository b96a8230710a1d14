package io.understudy.superwatchdog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.model.HostId;
import io.understudy.superwatchdog.HostLease.Answer;
import io.understudy.superwatchdog.HostLease.Grant;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class HostLeaseTest {
  private static final HostId H2 = new HostId("H2");
  private static final HostId H5 = new HostId("H5");
  private static final HostId H6 = new HostId("H6");
  private static final LeaseTerms TERMS =
      new LeaseTerms(Duration.ofMillis(2500), Duration.ofMillis(200), 0.02);

  private static HostLease none() {
    return HostLease.none("a/1");
  }

  @Test
  @DisplayName(
      "nothing granted => no lease; one of three => none; two of three => the older of them")
  void aMajorityHolds() {
    assertThat(none().askedAt()).isEmpty();
    var one = none().granted(H2, "a/1", new Grant(70, 3));
    assertThat(one.askedAt()).isEmpty();
    var two = one.granted(H5, "a/1", new Grant(50, 3));
    assertThat(two.askedAt()).hasValue(50);
    assertThat(two.granted(H6, "a/1", new Grant(60, 3)).askedAt()).hasValue(60);
  }

  @Test
  @DisplayName("there is a second one that has not granted yet => what the first granted runs on")
  void anotherJoins() {
    var alone = none().granted(H5, "a/1", new Grant(50, 1));
    var joined = alone.granted(H5, "a/1", new Grant(70, 2));
    assertThat(joined.askedAt()).hasValue(50);
    assertThat(joined.granted(H5, "a/1", new Grant(90, 2)).askedAt()).hasValue(50);
    var both = joined.granted(H2, "a/1", new Grant(80, 2));
    assertThat(both.askedAt()).hasValue(70);
  }

  @Test
  @DisplayName("SuperWatchDogs with other leases than the host's => the shorter of two counts")
  void otherTerms() {
    var longer = new Grant(70, 1).by(TERMS, Duration.ofSeconds(10));
    assertThat(none().granted(H2, "a/1", longer).stopAt(TERMS)).isEqualTo(stopAt(70));

    var shorter = new Grant(70, 3).by(TERMS, Duration.ofMillis(1500));
    var one = none().granted(H2, "a/1", shorter).granted(H5, "a/1", new Grant(60, 3));
    assertThat(one.stopAt(TERMS)).isEqualTo(stopAt(70 - 1_000_000_000));
    assertThat(one.granted(H6, "a/1", new Grant(50, 3)).stopAt(TERMS))
        .as("by the two that grant as long")
        .isEqualTo(stopAt(50));
    assertThat(one.lacks(H2, 70)).as("what it was asked then it has granted").isFalse();
  }

  private static OptionalLong stopAt(long from) {
    return OptionalLong.of(from + 2_300_000_000L);
  }

  @Test
  @DisplayName("grants come late, twice, or for another life => they change nothing")
  void lateAndForeignGrants() {
    var lease = none().granted(H2, "a/1", new Grant(70, 1));
    assertThat(lease.granted(H2, "a/1", new Grant(60, 3))).isEqualTo(lease);
    assertThat(lease.granted(H2, "a/1", new Grant(70, 3))).isEqualTo(lease);
    assertThat(lease.granted(H2, "a/2", new Grant(90, 3))).isEqualTo(lease);
  }

  @Test
  @DisplayName("a beat is answered, with a lease or not => the host knows that it was, and no more")
  void whatWasAnswered() {
    var lease = none().granted(H2, "a/1", new Grant(70, 1)).noted(H2, "a/1", new Answer(80, true));
    assertThat(lease.answeredBy(H2)).hasValue(80);
    assertThat(lease.answeredBy(H5)).isEmpty();
    assertThat(lease.askedAt()).hasValue(70);
    assertThat(lease.noted(H2, "a/1", new Answer(75, true))).isEqualTo(lease);
    assertThat(lease.noted(H2, "a/2", new Answer(90, true))).isEqualTo(lease);
  }

  @Test
  @DisplayName(
      "in touch with two of three; a stranger to two of three; neither when they are silent")
  void howItStands() {
    var all = List.of(H2, H5, H6);
    var two = none().granted(H2, "a/1", new Grant(70, 3)).noted(H5, "a/1", new Answer(80, true));
    assertThat(two.touch(all, 60)).isEqualTo(Touch.MAJORITY);
    assertThat(two.touch(all, 70)).isEqualTo(Touch.NONE);
    var out = two.noted(H5, "a/1", new Answer(90, false)).noted(H6, "a/1", new Answer(90, false));
    assertThat(out.touch(all, 60)).isEqualTo(Touch.STRANGER);
    assertThat(out.touch(List.of(), 60)).isEqualTo(Touch.NONE);
  }

  @Test
  @DisplayName("one that has answered nothing that was asked since then is missed")
  void whoIsMissed() {
    var lease = none().granted(H2, "a/1", new Grant(70, 3));
    assertThat(lease.misses(H2, 60)).isFalse();
    assertThat(lease.misses(H2, 70)).isTrue();
    assertThat(lease.misses(H5, 60)).isTrue();
  }

  @Test
  @DisplayName("the last of several SuperWatchDogs => leases are on, and one grant holds")
  void theLastOfSeveral() {
    var lease = none().granted(H2, "a/1", new Grant(70, 1));
    assertThat(lease.off()).isFalse();
    assertThat(lease.askedAt()).hasValue(70);
  }

  @Test
  @DisplayName("the SuperWatchDogs disagree how many they are => the larger majority counts")
  void theLargerMajorityCounts() {
    var lease = none().granted(H2, "a/1", new Grant(90, 2)).granted(H5, "a/1", new Grant(80, 5));
    assertThat(lease.askedAt()).isEmpty();
    assertThat(lease.granted(H6, "a/1", new Grant(10, 2)).askedAt()).hasValue(10);
  }

  @Test
  @DisplayName("a single SuperWatchDog => leases are off until another one joins")
  void aSingleOneHasNoMajorityToLose() {
    var alone = none().granted(H2, "a/1", new Grant(10, 0));
    assertThat(alone.off()).isTrue();
    var joined = alone.granted(H2, "a/1", new Grant(20, 2));
    assertThat(joined.off()).isFalse();
    assertThat(joined.askedAt()).as("it has a lease to be joined in").hasValue(10);
    assertThat(joined.granted(H5, "a/1", new Grant(15, 2)).askedAt()).hasValue(15);
  }

  @Test
  @DisplayName("the host's slowest clock ends its lease before the quickest grantor's wait is over")
  void theDriftIsInTheMargin() {
    var hostTrueTime = TERMS.lease().toNanos() / (1 - TERMS.drift());
    var grantorTrueTime = TERMS.waitNanos() / (1 + TERMS.drift());
    assertThat(grantorTrueTime).isGreaterThanOrEqualTo(hostTrueTime);
    assertThat(TERMS.stopAt(1000)).isEqualTo(1000 + Duration.ofMillis(2300).toNanos());
  }

  @Test
  @DisplayName("terms that cannot hold are refused with their values")
  void impossibleTerms() {
    assertThatThrownBy(() -> new LeaseTerms(Duration.ofSeconds(1), Duration.ofSeconds(1), 0.02))
        .hasMessageContaining("PT1S")
        .hasMessageContaining("longer");
  }
}
