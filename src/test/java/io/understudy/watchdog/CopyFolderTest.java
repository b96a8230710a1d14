package io.understudy.watchdog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CopyId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyFolderTest {
  @TempDir Path data;
  private CopyFolder folder;

  @BeforeEach
  void create() throws IOException {
    folder = CopyFolder.of(data, CopyId.parse("A1")).create();
  }

  private void say(String text) throws IOException {
    Files.writeString(folder.log(), text, CREATE, APPEND);
  }

  private String old(int number) throws IOException {
    return Files.readString(folder.path().resolve("copy.log." + number));
  }

  @Test
  @DisplayName("[28] a log that is too long is rotated, the newest first, and the oldest dropped")
  void rotates() throws IOException {
    for (var text : new String[] {"first\n", "second\n", "third\n"}) {
      say(text);
      folder.rotate(3, 2);
    }
    assertThat(folder.logSize()).isZero();
    assertThat(old(1)).isEqualTo("third\n");
    assertThat(old(2)).isEqualTo("second\n");
    assertThat(folder.path().resolve("copy.log.3")).doesNotExist();
  }

  @Test
  @DisplayName("[28] a writer that was there before goes on at the beginning of the emptied log")
  void goesOn() throws IOException {
    try (var writer = Files.newOutputStream(folder.log(), CREATE, APPEND)) {
      writer.write("before\n".getBytes(UTF_8));
      folder.rotate(3, 1);
      writer.write("after\n".getBytes(UTF_8));
    }
    assertThat(Files.readString(folder.log())).isEqualTo("after\n");
  }

  @Test
  @DisplayName("[35] the last words of a run are not those of the run before")
  void lastLine() throws IOException {
    say("old\n");
    var begun = folder.logSize();
    assertThat(folder.lastLine(begun)).isEmpty();
    say("one\ntwo  \n\n");
    assertThat(folder.lastLine(begun)).hasValue("two");
  }
}
