package io.understudy.module;

import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.module.ModuleActor.Sanity;

/**
 * A module with a state that survives its copies: a class with a public constructor without
 * parameters, registered as {@code actor:fully.qualified.ClassName} with a {@code state}. The same
 * class runs cold, warm and hot.
 *
 * <p>Each copy runs on a thread of its own. One that throws has crashed; one that blocks is hung.
 *
 * @param <S> the state; immutable, because it is written to snapshots while the module goes on
 * @param <C> what clients ask
 * @param <E> what happens
 * @param <R> what clients are answered
 */
public interface StatefulModule<S, C, E, R> {
  S initialState();

  /**
   * What to make of a command; called on the primary alone. It may read a clock or draw a number,
   * for its events are what the other copies see. A command that is not acceptable is a reply too.
   */
  Decision<E, R> decide(S state, C command);

  /** The state after an event. It depends on nothing else: all copies evolve alike. */
  S evolve(S state, E event);

  /** How all of it is written; {@link JacksonCodec#of} fits records. */
  ModuleCodec<S, C, E, R> codec();

  /** The sanity check of [0019]; it has the polling timeout. */
  default Sanity checkSanity(S state) {
    return new Sanity.Sane();
  }

  /** This copy acts on this status from now on; its state is complete by then. */
  default void statusChanged(CopyStatus status, Epoch epoch) {}
}
