package io.understudy.module;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotationIntrospectorPair;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Sealed interfaces without annotations are written with their records' simple names. */
final class SealedTypes extends JacksonAnnotationIntrospector {
  private static final long serialVersionUID = 1L;
  private static final JsonTypeInfo.Value BY_NAME =
      JsonTypeInfo.Value.construct(
          JsonTypeInfo.Id.NAME, JsonTypeInfo.As.PROPERTY, "type", null, false, null);

  static ObjectMapper addTo(ObjectMapper mapper) {
    var annotations = mapper.getSerializationConfig().getAnnotationIntrospector();
    mapper.setAnnotationIntrospector(
        AnnotationIntrospectorPair.pair(new SealedTypes(), annotations));
    return mapper;
  }

  @Override
  public JsonTypeInfo.@Nullable Value findPolymorphicTypeInfo(
      MapperConfig<?> config, Annotated annotated) {
    var annotation = super.findPolymorphicTypeInfo(config, annotated);
    return annotation == null && isSealed(annotated.getRawType()) ? BY_NAME : annotation;
  }

  @Override
  public @Nullable List<NamedType> findSubtypes(Annotated annotated) {
    var named = super.findSubtypes(annotated);
    var type = annotated.getRawType();
    return named == null && isSealed(type) ? named(type) : named;
  }

  /** Refuses a sealed interface of which two records would be written alike. */
  static void check(Class<?> type) {
    if (isSealed(type) && !type.isAnnotationPresent(JsonSubTypes.class)) {
      var unused = named(type);
    }
  }

  private static List<NamedType> named(Class<?> type) {
    var all = new LinkedHashMap<String, Class<?>>();
    leaves(type)
        .forEach(
            leaf -> {
              var other = all.putIfAbsent(leaf.getSimpleName(), leaf);
              var byName = !type.isAnnotationPresent(JsonTypeInfo.class);
              if (byName && other != null && !other.equals(leaf)) {
                throw new IllegalArgumentException(
                    "%s and %s have the same simple name, by which a %s is read; rename one"
                        .formatted(other.getName(), leaf.getName(), type.getName()));
              }
            });
    return all.entrySet().stream()
        .map(leaf -> new NamedType(leaf.getValue(), leaf.getKey()))
        .toList();
  }

  /**
   * A record of a sealed interface is asked for too, when it is written itself. Not the JDK's own:
   * String and Long are of sealed interfaces.
   */
  private static boolean isSealed(Class<?> type) {
    return !type.getName().startsWith("java.")
        && (type.isSealed() || Arrays.stream(type.getInterfaces()).anyMatch(SealedTypes::isSealed));
  }

  private static Stream<Class<?>> leaves(Class<?> type) {
    return type.isSealed()
        ? Arrays.stream(type.getPermittedSubclasses()).flatMap(SealedTypes::leaves)
        : Stream.of(type);
  }
}
