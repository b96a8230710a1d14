package io.understudy.superwatchdog;

import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What follows from something that is looked at much more often than it changes: worked out once
 * for each new one. From any thread.
 *
 * @param <S> what it follows from; immutable, and another object whenever it has changed
 * @param <T> immutable
 */
final class Derived<S, T> implements Supplier<T> {
  private final Supplier<S> source;
  private final Function<S, T> derive;
  private volatile @Nullable Known<S, T> known;

  private record Known<S, T>(S from, T derived) {}

  Derived(Supplier<S> source, Function<S, T> derive) {
    this.source = source;
    this.derive = derive;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // to compare what it holds would cost what is to be saved
  public T get() {
    var now = source.get();
    var last = known;
    if (last == null || last.from() != now) {
      last = new Known<>(now, derive.apply(now));
      known = last;
    }
    return last.derived();
  }
}
