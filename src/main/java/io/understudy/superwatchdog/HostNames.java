package io.understudy.superwatchdog;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where hosts are that go by a name. Who asks never waits for a name server, and what it said last
 * stands while it is away: heartbeats do not depend on it. From any thread.
 */
final class HostNames {
  /** A name is looked up so long after the last time, as long as it is asked for. */
  static final Duration AGAIN = Duration.ofSeconds(10);

  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*");

  private final Lookup lookup;
  private final Executor blocking;
  private final LongSupplier clock;
  private final Map<String, Known> known = new ConcurrentHashMap<>();

  /** Asks a name server, and may wait for it. */
  interface Lookup {
    InetAddress find(String name) throws UnknownHostException;
  }

  private record Known(@Nullable InetAddress address, long askedAt) {}

  /**
   * None is known yet.
   *
   * @param blocking may wait
   * @param clock monotonic, in nanoseconds
   */
  HostNames(Lookup lookup, Executor blocking, LongSupplier clock) {
    this.lookup = lookup;
    this.blocking = blocking;
    this.clock = clock;
  }

  /** Empty while it is not known. */
  Optional<InetAddress> find(String host) {
    if (ADDRESS.matcher(host).matches()) {
      return ask(host);
    }
    var now = clock.getAsLong();
    @Nullable Known last = known.get(host);
    if (last == null || now - last.askedAt() >= AGAIN.toNanos()) {
      @Nullable InetAddress address = last == null ? null : last.address();
      known.put(host, new Known(address, now));
      blocking.execute(() -> ask(host).ifPresent(found -> known.put(host, new Known(found, now))));
      return Optional.ofNullable(address);
    }
    return Optional.ofNullable(last.address());
  }

  private Optional<InetAddress> ask(String host) {
    try {
      return Optional.of(lookup.find(host));
    } catch (UnknownHostException notNow) {
      return Optional.empty();
    }
  }
}
