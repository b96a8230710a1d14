package io.understudy.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import io.understudy.model.Epoch;
import java.io.IOException;

/** An epoch is written as its number. */
final class EpochNumber {
  private EpochNumber() {}

  static final class Writer extends StdScalarSerializer<Epoch> {
    private static final long serialVersionUID = 1L;

    Writer() {
      super(Epoch.class);
    }

    @Override
    public void serialize(Epoch value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeNumber(value.value());
    }
  }

  static final class Reader extends StdScalarDeserializer<Epoch> {
    private static final long serialVersionUID = 1L;

    Reader() {
      super(Epoch.class);
    }

    @Override
    public Epoch deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return new Epoch(in.getLongValue());
    }
  }
}
