package io.understudy.watchdog;

import io.understudy.model.CopyOrder;
import io.understudy.model.Detection;
import io.understudy.model.FailureKind;
import io.understudy.model.Location;
import io.understudy.model.SanityCheck;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A copy that is a process started by the WatchDog, in a process group of its own. */
final class ProcessBody implements Body {
  /** The next guard does not compete with the start of this copy. */
  private static final long PREPARE_AFTER_MILLIS = 100;

  private final CopyOrder order;
  private final Location.Executable location;
  private final Map<String, String> environment;
  private final HostResources host;
  private final Consumer<CopyNews> run;
  private final CopyFolder folder;
  private final CompletableFuture<CopyNews.Gone> death = new CompletableFuture<>();
  private volatile @Nullable Guarded guarded;
  private volatile boolean killed;

  ProcessBody(
      CopyOrder order,
      Location.Executable location,
      Map<String, String> environment,
      HostResources host,
      Consumer<CopyNews> run) {
    this.order = order;
    this.location = location;
    this.environment = environment;
    this.host = host;
    this.run = run;
    this.folder = CopyFolder.of(host.settings().data(), order.copy());
    var unused = death.thenAccept(run);
  }

  @Override
  public void start() {
    var dead = host.living().add();
    host.blocking().execute(() -> start(dead));
  }

  private void start(CompletableFuture<Void> dead) {
    try {
      refusal().ifPresent(ProcessBody::refuse);
      folder.create();
      var logged = folder.logSize();
      var command = new ArrayList<>(order.launch().arguments());
      command.addFirst(location.path());
      var notify = NotifySocket.open(order, folder, run);
      var process = start(command, notify);
      guarded = process;
      host.living().is(process.id(), dead);
      if (killed) {
        process.end();
      }
      run.accept(new CopyNews.Spawned(process.id().pid()));
      notify.listen();
      Thread.ofPlatform()
          .daemon()
          .name("understudy-copy-" + order.copy() + "-" + order.run())
          .start(() -> awaitDeath(process, notify, logged, dead));
      CompletableFuture.delayedExecutor(
              PREPARE_AFTER_MILLIS, TimeUnit.MILLISECONDS, host.blocking())
          .execute(host.guard()::prepare);
    } catch (CannotStart e) {
      dead.complete(null);
      death.complete(new CopyNews.Gone(FailureKind.CANNOT_START, e.reason()));
    } catch (IOException | RuntimeException e) {
      dead.complete(null);
      var reason = "%s could not be started: %s".formatted(location.path(), e.getMessage());
      death.complete(new CopyNews.Gone(FailureKind.CANNOT_START, reason));
    }
  }

  private Guarded start(List<String> command, NotifySocket notify) throws IOException {
    var all = new HashMap<>(environment);
    all.putAll(notify.environment());
    try {
      return host.guard().start(command, folder, all);
    } catch (IOException | RuntimeException e) {
      notify.close();
      throw e;
    }
  }

  private static void refuse(String reason) {
    throw new CannotStart(reason);
  }

  /** A sanity check is a program too: a registration must not run by it what it may not start. */
  private Optional<String> refusal() {
    var check = host.startCheck();
    return check
        .refusal(location.path())
        .or(
            () ->
                order.launch().detection() instanceof Detection.Polling polling
                        && polling.sanity().orElse(null) instanceof SanityCheck.Command command
                    ? check.refusal(command.command().getFirst()).map("sanity check: "::concat)
                    : Optional.empty());
  }

  private void awaitDeath(
      Guarded process, NotifySocket notify, long logged, CompletableFuture<Void> dead) {
    try (notify) {
      var exit = process.await();
      dead.complete(null);
      death.complete(ExitReason.of(process.id().pid(), exit, () -> folder.lastLine(logged)));
      process.forget();
    } catch (IOException | InterruptedException e) {
      dead.complete(null);
      var reason = "process %d was lost: %s".formatted(process.id().pid(), e);
      death.complete(new CopyNews.Gone(FailureKind.CRASHED, reason));
    }
  }

  @Override
  public void poll(Detection.Polling how) {
    var process = guarded;
    if (process == null) {
      return;
    }
    host.blocking()
        .execute(
            () -> {
              if (!process.id().alive()) {
                return; // who waits for its death says how, and when nothing of it is left
              }
              run.accept(new CopyNews.PollBegun());
              new SanityProbe(how.sanity(), host, folder, environment)
                  .check(how.timeout())
                  .thenAccept(problem -> run.accept(new CopyNews.Polled(problem)));
            });
  }

  @Override
  public void tell(Standing standing) {
    // A process hears of it over its status stream, if it listens.
  }

  @Override
  public void terminate(boolean hung) {
    var process = guarded;
    if (process != null) {
      process.send(hung ? "KILL" : "TERM");
    }
  }

  @Override
  public void kill() {
    killed = true;
    var process = guarded;
    if (process != null) {
      process.end();
    }
  }
}
