package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.HostId;
import io.understudy.watchdog.WatchDog.ManagerLink;
import io.understudy.watchdog.WatchDogProtocol.Command;
import io.understudy.watchdog.WatchDogProtocol.DeclaredDead;
import io.understudy.watchdog.WatchDogProtocol.HostUp;
import io.understudy.watchdog.WatchDogProtocol.ToManager;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class WatchDogSeatTest {
  private static final ActorTestKit KIT = ActorTestKit.create("seat", ManualTime.config());

  private final TestProbe<Command> watchDog = KIT.createTestProbe();
  private final WatchDogSeat seat = new WatchDogSeat(new Readiness("starting"), () -> {});
  private final ManagerLink link =
      seat.overhearing(
          new ManagerLink() {
            @Override
            public void tell(ToManager message) {
              // what the manager hears is not of interest here
            }

            @Override
            public boolean roundabout() {
              return false;
            }
          });

  @AfterAll
  static void end() {
    KIT.shutdownTestKit();
  }

  private void isUp(String incarnation) {
    link.tell(new HostUp(new HostId("H1"), incarnation, "127.0.0.1:17355", 1, watchDog.ref()));
  }

  @Test
  @DisplayName("[I9] the WatchDog began anew once => killed later, its copies are waited for again")
  void waitsEachTime() {
    isUp("n#1/1");
    isUp("n#1/2");
    var killed = seat.kill(watchDog.ref(), "put out").toCompletableFuture();
    watchDog.expectMessage(new DeclaredDead("n#1/2", "put out"));
    isUp("n#1/2");
    assertThat(killed).isNotDone();
    isUp("n#1/3");
    assertThat(killed).isDone();
  }
}
