package io.understudy.model;

import java.util.regex.Pattern;

/** The one rule for names that appear in paths, URLs and table cells. */
final class Names {
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?");

  private Names() {}

  static void require(String subject, String value) {
    if (!NAME.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "%s name \"%s\": use 1 to 63 letters, digits, dots, dashes or underscores, with a letter"
                  .formatted(subject, value)
              + " or digit at both ends");
    }
  }
}
