package io.understudy.model;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The texts that a program is started with, and what they can hold. */
record CommandLine(String what, List<String> texts) {
  /** Of all of a module's; they go together in one message, which has room for four times that. */
  static final int MOST_BYTES = 256 * 1024;

  /** The kernel's own for each text, see execve(2), without the mark at its end. */
  static final int MOST_BYTES_EACH = 128 * 1024 - 1;

  static CommandLine of(Copy copy) {
    var texts = Stream.concat(Stream.of(copy.location().text()), copy.arguments().stream());
    return new CommandLine("the command line of host %s".formatted(copy.host()), texts.toList());
  }

  /** Why no program can be started with it, with the remedy, or empty when one can. */
  Optional<String> refusal() {
    return texts.stream().flatMap(text -> problem(text).stream()).findFirst().map(what::concat);
  }

  private static Optional<String> problem(String text) {
    if (text.indexOf('\0') >= 0) {
      return Optional.of(" holds the character U+0000, which ends a text; leave it out");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      return Optional.of(" holds half a surrogate pair, which is no character; leave it out");
    }
    return bytes(text) > MOST_BYTES_EACH
        ? Optional.of(
            " has a text of %d bytes, and %d is the most; hand it over in a file"
                .formatted(bytes(text), MOST_BYTES_EACH))
        : Optional.empty();
  }

  long bytes() {
    return texts.stream().mapToLong(CommandLine::bytes).sum();
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
