package io.understudy.wire;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.RunningCopy;
import java.io.File;
import java.net.URL;
import java.util.Map;
import java.util.Optional;

/**
 * A module file: the registration of one module in HOCON or JSON (DESIGN.md, section 6).
 *
 * <p>Whether the registration makes sense is for {@link ModuleSpec#refusal()} to say.
 */
public final class ModuleFile {
  private ModuleFile() {}

  /** What came of reading a text. */
  public sealed interface Read {
    /**
     * A registration.
     *
     * @param running the copy that runs already and is to be adopted
     */
    record Module(ModuleSpec spec, Optional<RunningCopy> running) implements Read {}

    /** The text cannot be read, for this reason and with this remedy. */
    record Malformed(String reason) implements Read {}
  }

  /** Reads the text of a module file. */
  public static Read read(String text) {
    return read(text, Optional.empty());
  }

  /**
   * Reads the text of a module file.
   *
   * @param named the module that the text must be about; it need not name it then
   */
  public static Read read(String text, Optional<ModuleId> named) {
    try {
      return ModuleReader.read(parse(text).root(), named);
    } catch (MalformedText e) {
      return new Read.Malformed(String.valueOf(e.getMessage()));
    }
  }

  /** The module file that reads back to this registration, as nested maps and lists. */
  public static Map<String, Object> view(ModuleSpec spec) {
    return ModuleWriter.view(spec);
  }

  /** The same as JSON text. */
  public static String json(ModuleSpec spec, Optional<RunningCopy> running) {
    var view = ModuleWriter.view(spec);
    running.ifPresent(
        copy -> view.put("running", Map.of("host", copy.host().value(), "pid", copy.pid())));
    return ConfigValueFactory.fromMap(view).render(ConfigRenderOptions.concise());
  }

  /** A module file may come from anywhere: it reads neither files nor the node's environment. */
  private static Config parse(String text) {
    try {
      var options = ConfigParseOptions.defaults().setIncluder(new NoIncludes());
      return whole(ConfigFactory.parseString(text, options));
    } catch (ConfigException.WrongType e) {
      throw new MalformedText(
          "module file: it is a list; write keys and their values, as in module = A");
    } catch (ConfigException e) {
      throw new MalformedText(
          "module file: %s; write HOCON or JSON, as in module = A"
              .formatted(plain(String.valueOf(e.getMessage()))));
    } catch (StackOverflowError e) {
      throw new MalformedText(
          "module file: it has thousands of blocks or lists within each other; write it flat");
    }
  }

  /** A few lines that refer to each other can stand for more than any memory holds. */
  private static Config whole(Config parsed) {
    if (parsed.isResolved()) {
      return parsed;
    }
    throw new MalformedText(
        "module file: references to other values, ${...} and +=, are not possible; write the"
            + " values themselves");
  }

  private static String plain(String message) {
    return message
        .replaceFirst("(?s) \\(if you (intended|want).*", "")
        .replace("String: ", "line ")
        .replace("expecting a close parentheses ')' here, not: end of file", "a { has no }")
        .replace("expecting a close parentheses ')' here, not:", "expecting a key or }, got")
        .replace('\n', ' ');
  }

  private static final class NoIncludes
      implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
      return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
      throw notPossible("\"%s\"".formatted(what));
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File what) {
      throw notPossible("file(\"%s\")".formatted(what));
    }

    @Override
    public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
      throw notPossible("url(\"%s\")".formatted(what));
    }

    @Override
    public ConfigObject includeResources(ConfigIncludeContext context, String what) {
      throw notPossible("classpath(\"%s\")".formatted(what));
    }

    private static MalformedText notPossible(String include) {
      return new MalformedText(
          "module file: include %s is not possible; copy its lines here".formatted(include));
    }
  }
}
