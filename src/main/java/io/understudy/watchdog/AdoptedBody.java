package io.understudy.watchdog;

import io.understudy.model.CopyOrder;
import io.understudy.model.Detection;
import io.understudy.model.FailureKind;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy that ran before its module was registered ([0010]). It is not the WatchDog's child, so
 * that its exit is not told but found by pinging.
 */
final class AdoptedBody implements Body {
  private static final Logger LOG = LoggerFactory.getLogger(AdoptedBody.class);
  private static final Duration LONGEST_PING = Duration.ofMillis(100);

  private final CopyOrder order;
  private final long pid;
  private final Map<String, String> environment;
  private final HostResources host;
  private final Consumer<CopyNews> run;
  private final CopyFolder folder;
  private volatile @Nullable Guarded guarded;
  private volatile boolean killed;

  AdoptedBody(
      CopyOrder order,
      long pid,
      Map<String, String> environment,
      HostResources host,
      Consumer<CopyNews> run) {
    this.order = order;
    this.pid = pid;
    this.environment = environment;
    this.host = host;
    this.run = run;
    this.folder = CopyFolder.of(host.settings().data(), order.copy());
  }

  @Override
  public void start() {
    var dead = host.living().add();
    host.blocking().execute(() -> start(dead));
  }

  private void start(CompletableFuture<Void> dead) {
    try {
      if (pid <= 1 || pid == ProcessHandle.current().pid()) {
        throw new CannotStart("pid %d is not a module's: register the module's".formatted(pid));
      }
      var id =
          ProcessId.of(pid)
              .orElseThrow(
                  () ->
                      new CannotStart(
                          "no process %d runs on %s: start the module, then register it again"
                              .formatted(pid, host.identity().host())));
      guard(id);
      host.living().is(id, dead);
      run.accept(new CopyNews.Spawned(pid));
      Thread.ofPlatform()
          .daemon()
          .name("understudy-copy-" + order.copy() + "-" + order.run())
          .start(() -> awaitDeath(id, dead));
    } catch (CannotStart e) {
      dead.complete(null);
      run.accept(new CopyNews.Gone(FailureKind.CANNOT_START, e.reason()));
    } catch (IOException | RuntimeException e) {
      dead.complete(null);
      var reason = "process %d could not be adopted: %s".formatted(pid, e.getMessage());
      run.accept(new CopyNews.Gone(FailureKind.CANNOT_START, reason));
    }
  }

  private Guarded guard(ProcessId id) throws IOException {
    var unused = folder.create(); // where its sanity checks run
    var guard = host.guard().adopt(id);
    guarded = guard;
    if (killed) {
      guard.end();
    }
    return guard;
  }

  private void awaitDeath(ProcessId id, CompletableFuture<Void> dead) {
    while (id.alive()) {
      LockSupport.parkNanos(pingInterval().toNanos()); // no child: nothing tells when it dies
      var guard = guarded;
      if (guard != null && !guard.watching()) {
        guardAgain(id);
      }
    }
    var guard = guarded;
    if (guard != null) {
      guard.send("RELEASE");
    }
    dead.complete(null);
    run.accept(new CopyNews.Gone(FailureKind.CRASHED, "process %d is gone".formatted(pid)));
  }

  /** Somebody killed the guard, not the copy; without one it would outlive this JVM. */
  private void guardAgain(ProcessId id) {
    try {
      guard(id);
    } catch (IOException e) {
      LOG.warn("{}: process {} cannot be guarded again and is killed", order.copy(), pid, e);
      killed = true;
      ProcessHandle.of(pid).filter(there -> id.alive()).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  private Duration pingInterval() {
    return order.launch().detection() instanceof Detection.Polling polling
            && polling.interval().compareTo(LONGEST_PING) < 0
        ? polling.interval()
        : LONGEST_PING;
  }

  @Override
  public void poll(Detection.Polling how) {
    host.blocking()
        .execute(
            () -> {
              run.accept(new CopyNews.PollBegun());
              new SanityProbe(how.sanity(), host, folder, environment)
                  .check(how.timeout())
                  .thenAccept(problem -> run.accept(new CopyNews.Polled(problem)));
            });
  }

  @Override
  public void tell(Standing standing) {
    // It hears of it over its status stream, if it listens.
  }

  @Override
  public void terminate(boolean hung) {
    var guard = guarded;
    if (guard != null) {
      guard.send(hung ? "KILL" : "TERM");
    }
  }

  @Override
  public void kill() {
    killed = true;
    var guard = guarded;
    if (guard != null) {
      guard.end();
    }
  }
}
