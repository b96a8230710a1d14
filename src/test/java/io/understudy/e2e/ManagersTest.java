package io.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** As many SuperWatchDogs as there should not be, two, and more than there need be, five. */
@Tag("slow")
@Order(5)
class ManagersTest {
  @RegisterExtension private static final SharedLan SHARED = new SharedLan();

  @Test
  @DisplayName("[57][59] five managers: two lose power at one moment, the others have a majority")
  void five() {
    with(
        List.of("H1", "H2", "H3", "H4", "H5"),
        List.of("H1", "H2", "H3", "H4", "H5"),
        (lan, trio) -> {
          assertThat(lan.seen().manager()).isEqualTo("H1");
          trio.register("H1", "H2");
          var off = System.nanoTime();
          lan.host("H1").powerOff();
          lan.host("H2").powerOff();
          var rest = lan.without("H1", "H2");
          trio.assertAllMoveTo(rest, "two of five managers without power", off);
          assertThat(lan.seenFrom(rest).manager()).isIn("H3", "H4", "H5");
          trio.heal(rest, "two of five managers without power");
        });
  }

  @Test
  @DisplayName(
      "[57][59] two managers: one's node dies, the other goes on; cut apart, that of the lower"
          + " address does")
  void two() {
    with(
        List.of("H1", "H2", "H3", "H4", "H5"),
        List.of("H2", "H5"),
        (lan, trio) -> {
          assertThat(lan.seen().manager()).isEqualTo("H2");
          trio.register("H1", "H2");
          var dead = System.nanoTime();
          lan.host("H2").crash();
          lan.host("H1").crash();
          var rest = lan.without("H1", "H2");
          trio.assertAllMoveTo(rest, "one of two managers' nodes dead", dead);
          assertThat(lan.seenFrom(rest).manager()).isEqualTo("H5");
          trio.heal(rest, "one of two managers' nodes dead");

          lan.deregisterAll();
          trio.register("H4", "H5");
          var cut = System.nanoTime();
          lan.net().aside(List.of("H5", "H4"));
          var lower = lan.without("H5", "H4");
          trio.assertAllMoveTo(lower, "1|1", cut);
          assertThat(lan.seenFrom(lower).manager()).isEqualTo("H2");
          trio.heal(lower, "1|1");
        });
  }

  private static void with(
      List<String> hosts, List<String> managers, BiConsumer<Lan, Trio> scenario) {
    var plan = new Lan.Plan(hosts, managers, true, "");
    var lan = SHARED.up(plan);
    scenario.accept(lan, new Trio(lan));
  }
}
