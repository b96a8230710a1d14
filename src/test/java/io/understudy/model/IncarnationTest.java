package io.understudy.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IncarnationTest {
  @ParameterizedTest
  @DisplayName("a node is named by its address and its process's number, which has no sign")
  @ValueSource(longs = {0, 1, 35, 36, 37, Long.MAX_VALUE, Long.MIN_VALUE, -1, -36, 0xcafe_babe_0L})
  void node(long uid) {
    assertThat(Incarnation.node("127.0.0.1:17355", uid))
        .isEqualTo("127.0.0.1:17355#" + Long.toUnsignedString(uid, 36));
  }
}
