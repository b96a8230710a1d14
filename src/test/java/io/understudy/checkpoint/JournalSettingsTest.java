package io.understudy.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JournalSettingsTest {
  @ParameterizedTest(name = "[14] {0} => {1}")
  @CsvSource({
    "jdbc:h2:file:/a/b, jdbc:h2:file:/a/b;WRITE_DELAY=0;CASE_INSENSITIVE_IDENTIFIERS=TRUE",
    "jdbc:h2:/a;write_delay=9, jdbc:h2:/a;write_delay=9;CASE_INSENSITIVE_IDENTIFIERS=TRUE",
    "jdbc:h2:tcp://h/x, jdbc:h2:tcp://h/x;WRITE_DELAY=0;CASE_INSENSITIVE_IDENTIFIERS=TRUE"
        + ";NETWORK_TIMEOUT=10000",
    "jdbc:postgresql://h/x, jdbc:postgresql://h/x?socketTimeout=10",
    "jdbc:postgresql://h/x?ssl=true, jdbc:postgresql://h/x?ssl=true&socketTimeout=10",
    "jdbc:postgresql://h/x?socketTimeout=3, jdbc:postgresql://h/x?socketTimeout=3"
  })
  void addsWhatKeepsCommitsAndNoticesSilence(String given, String used) {
    assertThat(new JournalSettings(given, "sa", "").url()).isEqualTo(used);
    assertThat(new JournalSettings(used, "sa", "").url()).isEqualTo(used);
  }

  @Test
  @DisplayName("[14] a database that is not known is refused with the remedy")
  void refusesOtherDatabases() {
    assertThatThrownBy(() -> new JournalSettings("jdbc:mysql://h/x", "sa", ""))
        .hasMessageContaining("jdbc:mysql://h/x")
        .hasMessageContaining("jdbc:h2: or jdbc:postgresql:");
  }

  @Test
  @DisplayName("[14] an address is shown without its settings and secrets")
  void showsNoSecrets() {
    var shown = new JournalSettings("jdbc:postgresql://h/x?password=p", "u", "s").shown();
    assertThat(shown).isEqualTo("jdbc:postgresql://h/x");
  }
}
