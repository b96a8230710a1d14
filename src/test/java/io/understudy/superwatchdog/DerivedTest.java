package io.understudy.superwatchdog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DerivedTest {
  @Test
  @DisplayName("what follows from a membership is worked out once for each")
  void oncePerSource() {
    var members = new AtomicReference<>(List.of("H1", "H2"));
    var times = new AtomicInteger();
    var count =
        new Derived<>(
            members::get,
            some -> {
              times.incrementAndGet();
              return some.size();
            });
    assertThat(List.of(count.get(), count.get(), count.get())).containsExactly(2, 2, 2);
    assertThat(times).hasValue(1);
    members.set(List.of("H2"));
    assertThat(List.of(count.get(), count.get())).containsExactly(1, 1);
    assertThat(times).hasValue(2);
  }
}
