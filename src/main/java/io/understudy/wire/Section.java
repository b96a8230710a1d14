package io.understudy.wire;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.understudy.model.TimeRange;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One block of a HOCON text.
 *
 * <p>Each error is a {@link MalformedText} that names the subject, the key with its line, the value
 * and the remedy.
 *
 * @param subject what the text is about, as errors begin
 * @param path of the block within the text; empty at the top
 */
public record Section(String subject, String path, ConfigObject block) {
  private static final ConfigRenderOptions BRIEF = ConfigRenderOptions.concise();

  /** Refuses keys that are none of these, naming the one that was probably meant. */
  public Section allowing(List<String> known) {
    for (String key : block.keySet()) {
      if (!known.contains(key)) {
        var meant =
            NearestName.of(key, known)
                .map(" did you mean \"%s\"? Known"::formatted)
                .orElse(" known");
        throw malformed(
            key, "is not a known key;%s here: %s".formatted(meant, String.join(", ", known)));
      }
    }
    return this;
  }

  /** The value of a key, unless it is absent. A null is refused: it may be meant either way. */
  public Optional<ConfigValue> find(String key) {
    var found = written(key);
    if (found.filter(value -> value.valueType() == ConfigValueType.NULL).isPresent()) {
      throw malformed(key, "= null is not possible; leave %s out, or give a value".formatted(key));
    }
    return found;
  }

  private Optional<ConfigValue> written(String key) {
    @Nullable ConfigValue value = block.get(key);
    return Optional.ofNullable(value);
  }

  /** The value of a key that must be there. */
  public ConfigValue require(String key, String remedy) {
    return find(key)
        .orElseThrow(
            () -> new MalformedText("%s: %s is missing; %s".formatted(subject, full(key), remedy)));
  }

  public Optional<String> text(String key) {
    return find(key).map(value -> textOf(key, value));
  }

  /** A text that must be there and not be empty. */
  public String requireText(String key, String remedy) {
    var text = textOf(key, require(key, remedy));
    if (text.isBlank()) {
      throw malformed(key, "is empty; " + remedy);
    }
    return text;
  }

  private String textOf(String key, ConfigValue value) {
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN -> String.valueOf(value.unwrapped());
      case LIST, OBJECT, NULL -> throw wrong(key, value, "write a text");
    };
  }

  /** A whole number from 1 on. */
  public Optional<Integer> integer(String key) {
    return find(key).map(value -> (int) whole(key, value, 1, Integer.MAX_VALUE));
  }

  /** A whole number of this range from this value, which stands at or below the key. */
  public long whole(String key, ConfigValue value, long least, long most) {
    var remedy = "write a whole number from %d to %d".formatted(least, most);
    try {
      var number = new BigDecimal(textOf(key, value).strip());
      if (number.compareTo(BigDecimal.valueOf(least)) >= 0
          && number.compareTo(BigDecimal.valueOf(most)) <= 0) {
        return number.longValueExact();
      }
    } catch (NumberFormatException | ArithmeticException e) {
      throw wrong(key, value, remedy);
    }
    throw wrong(key, value, remedy);
  }

  /** A time of this range, with its unit. */
  public Optional<Duration> time(String key, TimeRange range) {
    return find(key).map(value -> timeOf(key, value, range));
  }

  private Duration timeOf(String key, ConfigValue value, TimeRange range) {
    var remedy = "write a number with its unit, as in 500ms, 2s or 1h";
    if (value.valueType() != ConfigValueType.STRING
        || !String.valueOf(value.unwrapped()).strip().matches(".*[a-z]")) {
      throw wrong(key, value, remedy);
    }
    try {
      var time = value.atKey("time").getDuration("time");
      if (range.has(time)) {
        return time;
      }
    } catch (ArithmeticException e) {
      throw wrong(key, value, range.remedy());
    } catch (ConfigException e) {
      throw wrong(key, value, remedy);
    }
    throw wrong(key, value, range.remedy());
  }

  /** The block under a key. */
  public Optional<Section> section(String key) {
    return find(key).map(value -> sectionOf(key, value));
  }

  private Section sectionOf(String key, ConfigValue value) {
    if (value instanceof ConfigObject inner) {
      return new Section(subject, full(key), inner);
    }
    throw wrong(key, value, "write a block, as in %s { ... }".formatted(key));
  }

  /** The blocks of the list under a key. */
  public List<Section> sections(String key, String remedy) {
    var sections = new ArrayList<Section>();
    for (ConfigValue value : list(key, require(key, remedy), remedy)) {
      sections.add(sectionOf(key + "[" + sections.size() + "]", value));
    }
    return sections;
  }

  /** The texts of the list under a key. */
  public Optional<List<String>> texts(String key) {
    return find(key)
        .map(
            value ->
                list(key, value, "write a list, as in %s = [\"a\", \"b\"]".formatted(key)).stream()
                    .map(item -> textOf(key, item))
                    .toList());
  }

  private List<ConfigValue> list(String key, ConfigValue value, String remedy) {
    if (value instanceof ConfigList list) {
      return list;
    }
    throw wrong(key, value, remedy);
  }

  /** A name that may be written, and what it stands for. */
  public record Choice<T>(String name, T value) {}

  /** One of a few names, in whatever case it is written. */
  public <T> Optional<T> choice(String key, List<Choice<T>> choices) {
    return text(key).map(text -> chosen(key, text, choices));
  }

  /** What this text, which stands under the key, stands for. */
  public <T> T chosen(String key, String text, List<Choice<T>> choices) {
    return choices.stream()
        .filter(choice -> choice.name().equalsIgnoreCase(text.strip().replace('_', '-')))
        .map(Choice::value)
        .findFirst()
        .orElseThrow(() -> unknown(key, text, choices.stream().map(Choice::name).toList()));
  }

  /** That this text, which stands under the key, is none of the known ones. */
  public MalformedText unknown(String key, String text, List<String> known) {
    return malformed(
        key, "= \"%s\" is not known; write %s".formatted(text, String.join(" or ", known)));
  }

  /** That this key's value is wrong, with the remedy. */
  public MalformedText wrong(String key, ConfigValue value, String remedy) {
    return malformed(
        key, "= %s is not possible; %s".formatted(abbreviated(value.render(BRIEF)), remedy));
  }

  /** That something is wrong with this key. */
  public MalformedText malformed(String key, String what) {
    var line = written(key).map(ConfigValue::origin).map(Section::line).orElse("");
    return new MalformedText("%s: %s%s %s".formatted(subject, full(key), line, what));
  }

  private static String abbreviated(String text) {
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }

  private static String line(ConfigOrigin origin) {
    return origin.lineNumber() > 0 ? " (line %d)".formatted(origin.lineNumber()) : "";
  }

  private String full(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
