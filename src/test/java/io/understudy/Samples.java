package io.understudy;

import static java.util.stream.Collectors.toSet;

import io.understudy.model.CopyId;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Arbitrary values of our records, from a seed. A record that is added later needs no sample of its
 * own, and so none can be forgotten.
 */
public final class Samples {
  private static final List<String> TEXTS =
      List.of("", "process 4711 exited with signal 9", "größer \"als\" ~\n\t\\", "日本 🙂");

  private final Random random;
  private final Map<Class<?>, Supplier<?>> made = new HashMap<>();

  public Samples(long seed) {
    random = new Random(seed);
    made.put(int.class, () -> random.nextInt(100_000));
    made.put(long.class, () -> random.nextLong());
    made.put(Long.class, () -> random.nextLong());
    made.put(boolean.class, () -> random.nextBoolean());
    made.put(String.class, () -> TEXTS.get(random.nextInt(TEXTS.size())));
    made.put(HostId.class, () -> new HostId("H" + (1 + random.nextInt(9))));
    made.put(ModuleId.class, () -> new ModuleId(oneOf(List.of("A", "web1", "a.b-1_c", "x-y"))));
    made.put(CopyId.class, () -> new CopyId(of(ModuleId.class), 1 + random.nextInt(99)));
    made.put(Epoch.class, () -> new Epoch(random.nextInt(1000)));
    made.put(Location.class, () -> Location.parse(oneOf(List.of("/opt/a b", "actor:x.Y$Z", "A"))));
    made.put(URI.class, () -> URI.create("http://127.0.0.1:80/sane?x=%20y"));
    made.put(Duration.class, () -> Duration.ofNanos(random.nextLong(1L << 50)));
    made.put(
        Instant.class,
        () -> Instant.ofEpochSecond(random.nextLong(4_000_000_000L), random.nextInt(1_000_000)));
    made.put(
        OptionalLong.class,
        () -> random.nextBoolean() ? OptionalLong.empty() : OptionalLong.of(random.nextLong()));
  }

  /** Values of this type come from here. */
  public <T> Samples with(Class<T> type, Supplier<? extends T> source) {
    made.put(type, source);
    return this;
  }

  public <T> T of(Class<T> type) {
    @SuppressWarnings("unchecked") // it was made from the type
    var value = (T) make(type);
    return value;
  }

  public <T> List<T> listOf(Class<T> type, int count) {
    return IntStream.range(0, count).mapToObj(i -> of(type)).toList();
  }

  private Object make(Type type) {
    if (type instanceof ParameterizedType generic && !made.containsKey(generic.getRawType())) {
      return makeGeneric(generic);
    }
    var raw = (Class<?>) (type instanceof ParameterizedType generic ? generic.getRawType() : type);
    if (made.containsKey(raw)) {
      return made.get(raw).get();
    }
    if (raw.isEnum()) {
      return oneOf(List.of(raw.getEnumConstants()));
    }
    return raw.isSealed() ? make(oneOf(List.of(raw.getPermittedSubclasses()))) : makeRecord(raw);
  }

  private Object makeGeneric(ParameterizedType type) {
    var arguments = type.getActualTypeArguments();
    var count = random.nextInt(4);
    return switch (((Class<?>) type.getRawType()).getSimpleName()) {
      case "Optional" -> count == 0 ? Optional.empty() : Optional.of(make(arguments[0]));
      case "Set" -> IntStream.range(0, count).mapToObj(i -> make(arguments[0])).collect(toSet());
      case "List" -> IntStream.range(0, count).mapToObj(i -> make(arguments[0])).toList();
      case "Map" -> {
        var map = new HashMap<>();
        IntStream.range(0, count).forEach(i -> map.put(make(arguments[0]), make(arguments[1])));
        yield map;
      }
      default -> throw new IllegalArgumentException("no sample of " + type);
    };
  }

  private Object makeRecord(Class<?> type) {
    var components = type.getRecordComponents();
    if (components == null) {
      throw new IllegalArgumentException("no sample of " + type);
    }
    var types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    var values = Arrays.stream(components).map(c -> make(c.getGenericType())).toArray();
    try {
      var constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no sample of " + type, e);
    }
  }

  private <T> T oneOf(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  /** The records of a sealed type, however deep. */
  public static Stream<Class<?>> records(Class<?> sealed) {
    return sealed.isSealed()
        ? Arrays.stream(sealed.getPermittedSubclasses()).flatMap(Samples::records)
        : Stream.of(sealed);
  }
}
