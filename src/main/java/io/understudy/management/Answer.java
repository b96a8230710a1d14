package io.understudy.management;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.understudy.wire.Json;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/** What a {@link Call} is answered with. */
record Answer(int status, String contentType, Map<String, String> headers, Body body) {
  static final String JSON = "application/json";
  static final String PROBLEM = "application/problem+json";
  static final String TEXT = "text/plain; charset=UTF-8";
  static final String EVENTS = "text/event-stream";

  Answer {
    headers = Map.copyOf(headers);
  }

  /** The bytes, at once or as they come. */
  sealed interface Body {
    /** All of them. */
    record Whole(ByteString bytes) implements Body {}

    /** Perhaps without end. */
    record Stream(Source<ByteString, NotUsed> source) implements Body {}
  }

  /** A value as JSON. */
  static Answer json(int status, Object value) {
    return whole(status, JSON, bytes(value));
  }

  static ByteString bytes(Object view) {
    try {
      return ByteString.fromArrayUnsafe(Json.mapper().writeValueAsBytes(view));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a view that Jackson cannot write: " + view.getClass(), e);
    }
  }

  static Answer text(String text) {
    return whole(200, TEXT, ByteString.fromArrayUnsafe(text.getBytes(StandardCharsets.UTF_8)));
  }

  static Answer whole(int status, String contentType, ByteString bytes) {
    return new Answer(status, contentType, Map.of(), new Body.Whole(bytes));
  }

  static Answer stream(int status, String contentType, Source<ByteString, NotUsed> source) {
    return new Answer(status, contentType, Map.of(), new Body.Stream(source));
  }

  static Answer empty() {
    return whole(204, TEXT, ByteString.emptyByteString());
  }

  Answer with(String header, String value) {
    return new Answer(status, contentType, Map.of(header, value), body);
  }
}
