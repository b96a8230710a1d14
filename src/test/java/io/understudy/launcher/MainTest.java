package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class MainTest {
  @Test
  void withoutArgumentsPrintsHelpAndSucceeds() {
    var out = new StringWriter();
    int status = Cli.commandLine().setOut(new PrintWriter(out)).execute();

    assertThat(status).isZero();
    assertThat(out.toString()).contains("Usage: understudy");
  }

  @Test
  void anOlderJavaIsToldWhatIsNeeded() {
    assertThat(Main.refusal(17)).contains("Java 17 runs this, and Java 21 or later is needed");
  }

  @Test
  void anUnknownOptionIsAUsageError() {
    var err = new StringWriter();
    int status = Cli.commandLine().setErr(new PrintWriter(err)).execute("--no-such-option");

    assertThat(status).isEqualTo(2);
    assertThat(err.toString()).contains("--no-such-option");
  }
}
