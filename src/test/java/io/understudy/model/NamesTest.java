package io.understudy.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
  @ParameterizedTest
  @MethodSource("good")
  void namesThatFitPathsAndUrlsAreAccepted(String name) {
    assertThat(new HostId(name)).hasToString(name);
    assertThat(new ModuleId(name)).hasToString(name);
  }

  static Stream<String> good() {
    return Stream.of("A", "7", "H1", "db-01.example_net", "x".repeat(63));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void otherNamesAreRefused(String name) {
    assertThatThrownBy(() -> new ModuleId(name)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new HostId(name)).isInstanceOf(IllegalArgumentException.class);
  }

  static Stream<String> bad() {
    return Stream.of(
        "", " ", "-a", "a-", ".", "..", "a/b", "a b", "a\n", "ä", "x".repeat(64), "a:1", "a%20b");
  }

  @Test
  void theRefusalNamesTheSubjectTheValueAndTheRule() {
    assertThatThrownBy(() -> new HostId("a/b"))
        .hasMessage(
            "host name \"a/b\": use 1 to 63 letters, digits, dots, dashes or underscores, with a"
                + " letter or digit at both ends");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/usr/bin/a", "relative/a.sh", "actor:org.example.A"})
  void locationsReadBack(String text) {
    assertThat(Location.parse(text).text()).isEqualTo(text);
  }
}
