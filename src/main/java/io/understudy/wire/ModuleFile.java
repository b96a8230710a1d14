package io.understudy.wire;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValueFactory;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.RunningCopy;
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
      return ConfigFactory.parseString(text, options).resolve(ConfigResolveOptions.noSystem());
    } catch (ConfigException e) {
      throw new MalformedText(
          "module file: %s; write HOCON or JSON, as in module = A"
              .formatted(firstSentence(String.valueOf(e.getMessage()))));
    }
  }

  private static String firstSentence(String message) {
    var plain = message.replace("String: ", "line ").replace('\n', ' ');
    int end = plain.indexOf(" (if you intended");
    return end < 0 ? plain : plain.substring(0, end);
  }

  private static final class NoIncludes implements ConfigIncluder {
    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
      return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
      throw new MalformedText(
          "module file: include \"%s\" is not possible; copy its lines here".formatted(what));
    }
  }
}
