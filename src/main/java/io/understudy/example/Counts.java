package io.understudy.example;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.module.KeptState;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** How often each key was counted. An update is a key that is counted once more. */
final class Counts implements KeptState {
  private static final int RESULTS = 10_000;

  private final Map<String, Long> counts = new TreeMap<>();
  private final Map<Long, Long> results = new ConcurrentHashMap<>();
  private long applied;

  @Override
  public synchronized void restore(long sequence, InputStream state) throws IOException {
    var lines = new Properties();
    lines.load(state);
    counts.clear();
    lines.forEach((key, count) -> counts.put((String) key, Long.valueOf((String) count)));
    applied = sequence;
    notifyAll();
  }

  @Override
  public synchronized void apply(long sequence, byte[] update) {
    results.put(sequence, counts.merge(new String(update, UTF_8), 1L, Long::sum));
    results.remove(sequence - RESULTS);
    applied = sequence;
    notifyAll();
  }

  @Override
  public synchronized void write(OutputStream out) throws IOException {
    var lines = new Properties();
    counts.forEach((key, count) -> lines.setProperty(key, count.toString()));
    lines.store(out, null);
  }

  /** What the update of this sequence made of the key; of an old one, what became of it since. */
  synchronized long after(long sequence, String key) throws InterruptedException {
    return results.getOrDefault(sequence, read(sequence, key));
  }

  /** What the key has when the updates up to this one are applied. */
  synchronized long read(long sequence, String key) throws InterruptedException {
    while (applied < sequence) {
      wait();
    }
    return counts.getOrDefault(key, 0L);
  }
}
