package io.understudy.watchdog;

import static io.understudy.model.CopyStatus.BACKUP;
import static io.understudy.model.CopyStatus.PRIMARY;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.StateSpec;
import io.understudy.module.ApiRefusal;
import io.understudy.module.KeptState;
import io.understudy.module.LocalApi;
import io.understudy.module.LocalState;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a Java process has of the module API for its state; the test speaks for the processes. */
class LocalStateTest {
  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Thread> threads = new ArrayList<>();
  private Group group;

  @AfterEach
  void stop() throws InterruptedException {
    group.close();
    for (var thread : threads) {
      thread.join(); // its WatchDog is gone
    }
    http.close();
  }

  /** All updates, one after the other. */
  private static final class Text implements KeptState {
    private String value = "nothing yet";

    @Override
    public synchronized void restore(long sequence, InputStream state) throws IOException {
      value = new String(state.readAllBytes(), UTF_8);
    }

    @Override
    public synchronized void apply(long sequence, byte[] update) {
      value += new String(update, UTF_8);
    }

    @Override
    public synchronized void write(OutputStream out) throws IOException {
      out.write(value.getBytes(UTF_8));
    }

    synchronized boolean is(String wanted) {
      return value.equals(wanted);
    }
  }

  private void begin(CheckpointPolicy checkpoint) throws IOException {
    group =
        Group.ofPrograms(folder, true, StateSpec.DEFAULT.withCheckpoint(checkpoint))
            .host(1)
            .host(2)
            .host(3);
    group.start(1, PRIMARY);
    group.acts(1);
  }

  private LocalState state(int copy) {
    var environment = group.speaker(http, copy).environment();
    var base = URI.create(environment.get("UNDERSTUDY_API"));
    return new LocalApi(base, environment.get("UNDERSTUDY_TOKEN")).state();
  }

  private Text follow(int copy) {
    var state = state(copy);
    var text = new Text();
    threads.add(
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    state.follow(text);
                  } catch (IOException end) {
                    // the copy has ended
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                }));
    return text;
  }

  private static void becomes(Text text, String wanted) {
    Rig.eventually("the state is " + wanted, () -> text.is(wanted));
  }

  @Test
  @DisplayName("[21][22] a copy proposes, all apply, and the next one goes on")
  void goesOn() throws Exception {
    begin(new CheckpointPolicy.None());
    group.start(2, BACKUP);
    group.inSync(1);
    group.inSync(2);
    var first = follow(1);
    var second = follow(2);
    assertThat(state(1).propose("a".getBytes(UTF_8)).sequence()).isEqualTo(1);
    var named = state(1).propose("me", 1, "b".getBytes(UTF_8));
    assertThat(named).isEqualTo(new LocalState.Proposed(2, false));
    assertThat(state(1).barrier()).isEqualTo(2);
    becomes(first, "ab");
    group.lose(1);
    group.promote(2);
    group.acts(2);
    var again = state(2).propose("me", 1, "b".getBytes(UTF_8));
    assertThat(again).isEqualTo(new LocalState.Proposed(2, true));
    assertThat(state(2).propose("me", 2, "c".getBytes(UTF_8)).sequence()).isEqualTo(3);
    becomes(second, "abc");
  }

  @Test
  @DisplayName("[20] a copy gives its state when it is wanted, and another one begins with it")
  void checkpoint() throws Exception {
    begin(new CheckpointPolicy.Periodic(2, Duration.ofDays(10_000)));
    follow(1);
    state(1).propose("a".getBytes(UTF_8));
    state(1).propose("b".getBytes(UTF_8));
    group.stored(2);
    group.lose(1);
    group.start(3, PRIMARY);
    group.acts(3);
    becomes(follow(3), "ab");
    assertThat(state(3).propose("c".getBytes(UTF_8)).sequence()).isEqualTo(3);
  }

  @Test
  @DisplayName("what is refused says why, and what it means")
  void refusals() throws Exception {
    begin(new CheckpointPolicy.None());
    group.start(2, BACKUP);
    group.inSync(2);
    var backup = state(2);
    var notPrimary = catchThrowableOfType(ApiRefusal.class, backup::barrier);
    assertThat(notPrimary.notPrimary()).isTrue();
    assertThat(notPrimary).hasMessage("the copy is not the primary");
    state(1).propose("me", 2, "a".getBytes(UTF_8));
    var late =
        catchThrowableOfType(
            ApiRefusal.class, () -> state(1).propose("me", 1, "a".getBytes(UTF_8)));
    assertThat(late.overtaken()).isTrue();
    var large = catchThrowableOfType(ApiRefusal.class, () -> state(1).propose(new byte[2_000_000]));
    assertThat(large.status()).isEqualTo(413);
    assertThat(large).hasMessageContaining("at most 1000000 bytes");
  }
}
