package io.understudy.ocf;

import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * A resource agent as cluster administrators name it, {@code ocf:heartbeat:IPaddr2}.
 *
 * @param provider the folder in which it lies
 * @param type the program's name
 */
record AgentName(String provider, String type) {
  private static final Pattern NAME =
      Pattern.compile("(?:ocf:)?(\\w[\\w.-]*):(\\w[\\w.-]*)", Pattern.UNICODE_CHARACTER_CLASS);

  /** With or without {@code ocf:} before it; anything else is refused. */
  static AgentName parse(String text) {
    var name = NAME.matcher(text);
    if (!name.matches()) {
      throw new ResourceFailed(
          "resource agent %s: write PROVIDER:TYPE, as in heartbeat:IPaddr2".formatted(text));
    }
    return new AgentName(name.group(1), name.group(2));
  }

  /** Where it is, below {@code OCF_ROOT}. */
  Path under(Path root) {
    return root.resolve("resource.d").resolve(provider).resolve(type);
  }

  @Override
  public String toString() {
    return provider + ":" + type;
  }
}
