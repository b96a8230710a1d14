package io.understudy.superwatchdog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SealTest {
  private static final byte[] BEAT = "a beat".getBytes(StandardCharsets.UTF_8);

  @Test
  @DisplayName("who has the secret is believed, with the very bytes")
  void opens() {
    assertThat(Seal.of("s").opened(Seal.of("s").sealed(BEAT))).hasValue(BEAT);
    assertThat(Seal.NONE.opened(Seal.of("").sealed(BEAT))).hasValue(BEAT);
  }

  @Test
  @DisplayName("another secret, none, a changed byte, or nothing at all => not believed")
  void refuses() {
    var seal = Seal.of("s");
    var changed = seal.sealed(BEAT);
    changed[0]++;
    assertThat(seal.opened(changed)).isEmpty();
    assertThat(seal.opened(Seal.of("t").sealed(BEAT))).isEmpty();
    assertThat(seal.opened(BEAT)).isEmpty();
    assertThat(seal.opened(new byte[0])).isEmpty();
  }
}
