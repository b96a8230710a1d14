package io.understudy.client;

import io.understudy.model.ModuleId;
import io.understudy.module.CallCodec;
import io.understudy.state.Bytes;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * A module, wherever its primaries are. Requests go to the primary, in hot style to all primaries
 * in turn. While a fail-over runs they are held, and sent again with the same id as soon as it is
 * known who serves; a request takes effect once however often it is sent.
 *
 * @param <C> what the module is asked
 * @param <R> what it answers
 */
public final class ModuleRef<C, R> implements AutoCloseable {
  private final ModuleId module;
  private final CallCodec<C, R> codec;
  private final ActorRef<Courier.Message> courier;
  private final Executor executor;
  private final AtomicLong repeated;
  private final Unheard unheard;
  private volatile boolean closed;

  ModuleRef(
      ModuleId module,
      CallCodec<C, R> codec,
      ActorRef<Courier.Message> courier,
      Executor executor,
      AtomicLong repeated,
      Unheard unheard) {
    this.unheard = unheard;
    this.repeated = repeated;
    this.module = module;
    this.codec = codec;
    this.courier = courier;
    this.executor = executor;
  }

  public ModuleId module() {
    return module;
  }

  /**
   * Asks the module.
   *
   * @return its reply, once what the command did is kept as the module's replication says; or
   *     {@link RequestFailed} when too many requests wait, the command or what it does has more
   *     than 1,000,000 bytes, or no answer came in time
   */
  public CompletionStage<R> ask(C command) {
    if (closed) {
      return CompletableFuture.failedFuture(Courier.closed(module));
    }
    var reply = new CompletableFuture<Bytes>();
    var bytes = codec.encodeCommand(command);
    unheard.ask(reply, () -> courier.tell(new Courier.Ask(bytes, reply)));
    return reply.handleAsync(this::answer, executor);
  }

  /** Never on the courier's thread, which others need. */
  private R answer(@Nullable Bytes reply, @Nullable Throwable failure) {
    if (failure != null || reply == null) {
      throw new CompletionException(failure);
    }
    return codec.decodeReply(reply);
  }

  /** How often a request was sent that had been sent before, because of fail-overs mostly. */
  public long repeated() {
    return repeated.get();
  }

  /** Gives up what has no answer yet, and follows the module no longer. */
  @Override
  public void close() {
    closed = true;
    courier.tell(Courier.Stop.NOW);
  }
}
