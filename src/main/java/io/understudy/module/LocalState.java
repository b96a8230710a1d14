package io.understudy.module;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the state of a copy that is a Java process together with the other copies of its module.
 * Safe to use from any thread.
 */
public final class LocalState {
  private static final Pattern UPDATE = Pattern.compile("\"update\"\\s*:\\s*\"([^\"]*)\"");
  private static final Pattern WANTED = Pattern.compile("\"checkpoint\"\\s*:\\s*\"wanted\"");
  private static final long PAUSE_MILLIS = 200;

  private final ApiCalls calls;

  LocalState(ApiCalls calls) {
    this.calls = calls;
  }

  /**
   * An update that is committed.
   *
   * @param duplicate it was committed before, when the same request was proposed first
   */
  public record Proposed(long sequence, boolean duplicate) {}

  /**
   * Restores the state, applies update after update, and gives the state when it is wanted; blocks
   * for as long as the WatchDog lives.
   *
   * @throws IOException when the WatchDog cannot be reached, or the module keeps no state
   * @throws InterruptedException when the thread is told to end
   */
  public void follow(KeptState state) throws IOException, InterruptedException {
    while (true) {
      try {
        follow(state, restore(state));
      } catch (ApiRefusal refusal) {
        if (!refusal.askAgain() && !refusal.beginAnew()) {
          throw refusal;
        }
        Thread.sleep(PAUSE_MILLIS); // the refusal says that asking again may help
      }
    }
  }

  private long restore(KeptState state) throws IOException {
    var answer = calls.stream("/checkpoint");
    var sequence = answer.getHeaderFieldLong("Understudy-Sequence", 0);
    try (var in = sequence == 0 ? InputStream.nullInputStream() : answer.getInputStream()) {
      state.restore(sequence, in);
    }
    return sequence;
  }

  /** Until the stream ends, which is when another state has taken the place of this one. */
  private void follow(KeptState state, long from) throws IOException {
    var after = from;
    var stream = calls.stream("/updates?after=" + from).getInputStream();
    try (var lines = new BufferedReader(new InputStreamReader(stream, UTF_8))) {
      for (@Nullable String line = lines.readLine(); line != null; line = lines.readLine()) {
        var update = UPDATE.matcher(line);
        if (update.find()) {
          after = ApiCalls.number(line, "sequence");
          state.apply(after, Base64.getDecoder().decode(update.group(1)));
        } else if (WANTED.matcher(line).find()) {
          give(state, after);
        }
      }
    }
  }

  private void give(KeptState state, long sequence) throws IOException {
    var bytes = new ByteArrayOutputStream();
    state.write(bytes);
    try {
      calls.send("PUT", "/checkpoint?sequence=" + sequence, Map.of(), bytes.toByteArray());
    } catch (ApiRefusal refusal) {
      if (!refusal.notPrimary() && !refusal.askAgain()) {
        throw refusal;
      }
      // it is not wanted any more, or cannot be kept now, and is wanted again later
    }
  }

  /**
   * Proposes an update; the module applies it when it comes by {@link #follow}. Proposed again, it
   * is another update.
   *
   * @return when it is committed
   * @throws ApiRefusal when this copy does not serve, or it is not known in time what becomes of it
   */
  public Proposed propose(byte[] update) throws IOException {
    return propose(Map.of(), update);
  }

  /**
   * The same for a client's request: however often it is proposed, by whichever copy, it takes
   * effect once.
   *
   * @param client unique among the module's clients; it has one request at a time
   * @param request a number that rises
   */
  public Proposed propose(String client, long request, byte[] update) throws IOException {
    var id = Map.of("Understudy-Client", client, "Understudy-Request", Long.toString(request));
    return propose(id, update);
  }

  private Proposed propose(Map<String, String> id, byte[] update) throws IOException {
    var answer = calls.send("POST", "/updates", id, update);
    var duplicate = answer.contains("\"duplicate\":true");
    return new Proposed(ApiCalls.number(answer, "sequence"), duplicate);
  }

  /**
   * Whether this copy may answer what it is asked now: with the updates up to the one that is
   * returned its state is as new as any client may expect.
   *
   * @throws ApiRefusal when this copy does not serve
   */
  public long barrier() throws IOException {
    return ApiCalls.number(calls.get("/barrier"), "sequence");
  }
}
