package io.understudy.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CopyIdTest {
  private static final String ALPHABET = "Aa10-._";

  @ParameterizedTest(name = "[10] copy {1} of module {0} is written {2}")
  @CsvSource({
    "A, 1, A1",
    "A, 12, A12",
    "web1, 2, web1-2",
    "web-1, 2, web-1-2",
    "a.b, 3, a.b3",
    "7, 1, 7-1"
  })
  void isWrittenAsInFigure2(String module, int number, String text) {
    var id = new CopyId(new ModuleId(module), number);

    assertThat(id).hasToString(text);
    assertThat(CopyId.parse(text)).isEqualTo(id);
  }

  @Test
  @DisplayName(
      "[10] whatever the module is called, its copies' ids read back, and no two are alike")
  void everyIdReadsBackAndNoTwoAreAlike() {
    var random = new SplittableRandom(1);
    var seen = new HashMap<String, CopyId>();
    for (int i = 0; i < 50_000; i++) {
      var id = new CopyId(new ModuleId(name(random)), random.nextInt(1, 200));
      assertThat(CopyId.parse(id.toString())).isEqualTo(id);
      assertThat(seen.merge(id.toString(), id, (known, same) -> known)).isEqualTo(id);
    }
  }

  private static String name(SplittableRandom random) {
    var name = new StringBuilder("m");
    random
        .ints(random.nextInt(5), 0, ALPHABET.length())
        .forEach(i -> name.append(ALPHABET.charAt(i)));
    return name.append(random.nextInt(3)).append("x".repeat(random.nextInt(2))).toString();
  }

  @ParameterizedTest(name = "\"{0}\" is no copy")
  @ValueSource(strings = {"", "A", "1", "A0", "A01", "web1-0", "-1", "A-1", "A 1", "A1234567890"})
  void whatNobodyWroteIsRefused(String text) {
    assertThatThrownBy(() -> CopyId.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void ordersByModuleAndThenByNumber() {
    assertThat(CopyId.parse("A2")).isLessThan(CopyId.parse("A10")).isLessThan(CopyId.parse("B1"));
  }
}
