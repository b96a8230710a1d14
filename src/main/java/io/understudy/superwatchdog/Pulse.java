package io.understudy.superwatchdog;

import io.understudy.model.HostId;
import io.understudy.watchdog.Lease;
import io.understudy.watchdog.WatchDogProtocol.Heartbeat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A node's pulse, which every SuperWatchDog hears ([0022], [0024]).
 *
 * <p>Heartbeats and the leases they earn are datagrams: one that is lost delays none after it, as
 * it would on a connection. Beside them an idle connection to each SuperWatchDog, the lifeline, is
 * closed by the kernel when this process dies, however it dies, and is heard closing ([0025]).
 */
public final class Pulse extends PulseLoop {
  private static final Duration EVERY = Duration.ofMillis(250);

  /** Answers wake this thread more often than the membership is worth a look. */
  private static final Duration LOOK = Duration.ofMillis(200);

  /** A beat that was not answered for so long is repeated. */
  private static final Duration REPEAT = Duration.ofMillis(100);

  /** Each later one waits longer than the one before: a SuperWatchDog may have much to do. */
  private static final int MOST_REPEATS = 2;

  /** Longer than a loss of every fifth datagram delays an answer, nearly always. */
  private static final Duration MISSED = Duration.ofSeconds(1);

  private final String node;
  private final LeaseTerms terms;
  private final Seal seal;
  private final Supplier<Map<HostId, InetSocketAddress>> superWatchDogs;
  private final Map<InetSocketAddress, SocketChannel> lifelines = new HashMap<>();

  /** When each was called last: one that refuses is not called again and again. */
  private final Map<InetSocketAddress, Long> calledAt = new HashMap<>();

  private volatile Map<HostId, InetSocketAddress> known = Map.of();
  private volatile HostLease lease = HostLease.none("");
  private volatile String lastWords = "";
  private final Runnable renewed;
  private volatile @Nullable Beaten beaten;
  private long lookedAt = System.nanoTime() - LOOK.toNanos();

  /** The WatchDog's last beat, and how often it was repeated since. */
  private record Beaten(Heartbeat heartbeat, long at, int repeats) {
    /** When it is repeated next, if it is: a WatchDog that is silent is not spoken for. */
    long dueAt() {
      return at + REPEAT.toNanos() * ((1L << (repeats + 1)) - 1);
    }

    boolean mayBeRepeated() {
      return repeats < MOST_REPEATS;
    }

    Beaten again() {
      return new Beaten(heartbeat, at, repeats + 1);
    }
  }

  /**
   * Opens it.
   *
   * @param node its name, see {@link io.understudy.watchdog.Incarnation}
   * @param from the address to speak from
   * @param superWatchDogs where they listen, at this moment
   * @param seal the same on every node of the cluster
   * @param renewed is called when the lease lasts longer than before, on a thread that may not wait
   * @throws UncheckedIOException if there is no such address on this machine
   */
  public static Pulse open(
      String node,
      String from,
      LeaseTerms terms,
      Supplier<Map<HostId, InetSocketAddress>> superWatchDogs,
      Seal seal,
      Runnable renewed) {
    try {
      return new Pulse(node, from, terms, superWatchDogs, seal, renewed);
    } catch (IOException e) {
      throw new UncheckedIOException("no heartbeats can be sent from %s".formatted(from), e);
    }
  }

  private Pulse(
      String node,
      String from,
      LeaseTerms terms,
      Supplier<Map<HostId, InetSocketAddress>> superWatchDogs,
      Seal seal,
      Runnable renewed)
      throws IOException {
    super("understudy-pulse", new InetSocketAddress(from, 0), seal);
    this.node = node;
    this.terms = terms;
    this.seal = seal;
    this.superWatchDogs = superWatchDogs;
    this.renewed = renewed;
    begin();
  }

  /** The WatchDog is alive, and asks for its lease to be renewed. Never waits. */
  public synchronized void beat(Heartbeat heartbeat) {
    if (!lease.incarnation().equals(heartbeat.incarnation())) {
      lease = HostLease.none(heartbeat.incarnation());
    }
    var now = System.nanoTime();
    beaten = new Beaten(heartbeat, now, 0);
    known.forEach((by, to) -> send(message(heartbeat, now, lease.answeredBy(by)), to));
  }

  /** A lost beat, or a lost answer, is made up for before the WatchDog's next. */
  private synchronized void repeat() {
    var last = beaten;
    var now = System.nanoTime();
    if (last != null && isPending(last) && now - last.dueAt() >= 0) {
      beaten = last.again();
      known.forEach(
          (by, to) -> {
            if (lease.lacks(by, last.at())) {
              send(message(last.heartbeat(), now, lease.answeredBy(by)), to);
            }
          });
    }
  }

  private boolean isPending(Beaten last) {
    var now = lease;
    return last.mayBeRepeated() && known.keySet().stream().anyMatch(by -> now.lacks(by, last.at()));
  }

  @Override
  Duration atLeastEvery() {
    var last = beaten;
    return last != null && isPending(last)
        ? Duration.ofNanos(Math.clamp(last.dueAt() - System.nanoTime(), 1_000_000, EVERY.toNanos()))
        : EVERY;
  }

  private static PulseMessage message(Heartbeat heartbeat, long now, OptionalLong answered) {
    return new PulseMessage.Beat(heartbeat.host(), heartbeat.incarnation(), now, answered);
  }

  /**
   * What a process that outlives this one is to send when it is dead, what when all copies are too:
   * two words of printf's escapes, and whom to, each as HOST/PORT.
   */
  public String lastWords() {
    return lastWords;
  }

  private String lastWords(Collection<InetSocketAddress> to) {
    var line = new StringBuilder(escaped(new PulseMessage.Ended(node)));
    line.append(' ').append(escaped(new PulseMessage.LastWord(node)));
    // As numbers where they are known: to look up a name takes its time.
    to.forEach(
        at -> {
          var host = at.isUnresolved() ? at.getHostString() : at.getAddress().getHostAddress();
          line.append(" %s/%d".formatted(host, at.getPort()));
        });
    return line.toString();
  }

  private String escaped(PulseMessage word) {
    var line = new StringBuilder();
    for (byte octet : withoutNewline(word.encoded())) {
      line.append("\\0%03o".formatted(octet & 0xff));
    }
    return line.toString();
  }

  /** Sealed, after a byte that nobody reads and that is chosen for a seal without a newline. */
  private byte[] withoutNewline(byte[] word) {
    var padded = Arrays.copyOf(word, word.length + 1);
    var sealed = seal.sealed(padded);
    for (int tries = 1; tries <= 0xff && hasNewline(sealed); tries++) {
      padded[word.length] = (byte) tries;
      sealed = seal.sealed(padded);
    }
    return sealed;
  }

  private static boolean hasNewline(byte[] bytes) {
    for (byte octet : bytes) {
      if (octet == '\n') {
        return true;
      }
    }
    return false;
  }

  /** For how long this host may run primaries, by {@link System#nanoTime}. */
  public Lease lease() {
    var now = lease;
    if (now.off()) {
      return new Lease.Off();
    }
    var end = now.stopAt(terms);
    return end.isPresent() ? new Lease.Until(end.getAsLong()) : new Lease.None();
  }

  /** How this node stands with the SuperWatchDogs. */
  public Touch touch() {
    return lease.touch(known.keySet(), System.nanoTime() - terms.waitNanos());
  }

  /**
   * Whether this SuperWatchDog has answered nothing for a while, and a majority of them has: it may
   * be alive, and cut off from this host alone.
   */
  public boolean misses(HostId superWatchDog) {
    return lease.misses(superWatchDog, System.nanoTime() - MISSED.toNanos())
        && touch() == Touch.MAJORITY;
  }

  @Override
  void received(PulseMessage message, SocketAddress from) {
    var before = lease.askedAt();
    synchronized (this) {
      switch (message) {
        case PulseMessage.Granted(var by, var to, var grant, var length) ->
            lease = lease.granted(by, to, grant.by(terms, length));
        case PulseMessage.Noted(var by, var to, var answer) -> lease = lease.noted(by, to, answer);
        case PulseMessage.Beat beat -> {} // for SuperWatchDogs
        case PulseMessage.Ended word -> {} // so is this
        case PulseMessage.LastWord word -> {} // so is this
        case PulseMessage.Ringing ringing -> {} // so is this
      }
    }
    if (!lease.askedAt().equals(before)) {
      renewed.run();
    }
  }

  @Override
  void now() {
    repeat();
    var now = System.nanoTime();
    if (now - lookedAt >= LOOK.toNanos()) {
      lookedAt = now;
      look(now);
    }
  }

  private void look(long now) {
    var found = superWatchDogs.get();
    if (!found.equals(known)) {
      known = found;
      lastWords = lastWords(new TreeMap<>(found).values());
    }
    var wanted = Set.copyOf(known.values());
    lifelines.entrySet().removeIf(line -> !wanted.contains(line.getKey()) && hangUp(line));
    calledAt.keySet().retainAll(wanted);
    for (InetSocketAddress to : wanted) {
      var last = calledAt.get(to);
      if (!lifelines.containsKey(to) && (last == null || now - last >= EVERY.toNanos())) {
        calledAt.put(to, now);
        call(to);
      }
    }
  }

  private static boolean hangUp(Map.Entry<InetSocketAddress, SocketChannel> line) {
    close(line.getValue());
    return true;
  }

  private void call(InetSocketAddress to) {
    try {
      var line = SocketChannel.open();
      lifelines.put(to, line);
      line.configureBlocking(false);
      line.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
      line.bind(new InetSocketAddress(localAddress(), 0));
      line.register(selector(), SelectionKey.OP_CONNECT, to);
      line.connect(to);
    } catch (IOException | UnresolvedAddressException notNow) {
      forget(to);
    }
  }

  @Override
  void ready(SelectionKey key) {
    var line = (SocketChannel) key.channel();
    try {
      if (key.isConnectable() && line.finishConnect()) {
        key.interestOps(SelectionKey.OP_READ);
        line.write(ByteBuffer.wrap((node + "\n").getBytes(StandardCharsets.UTF_8)));
      } else if (key.isReadable() && line.read(ByteBuffer.allocate(1)) < 0) {
        forget((InetSocketAddress) key.attachment());
      }
    } catch (IOException broken) {
      forget((InetSocketAddress) key.attachment());
    }
  }

  /** It is called again before long. */
  private void forget(InetSocketAddress to) {
    var line = lifelines.remove(to);
    if (line != null) {
      close(line);
    }
  }

  private static void close(SocketChannel line) {
    try {
      line.close();
    } catch (IOException e) {
      // It is closed as far as this end can close it.
    }
  }
}
