package io.understudy.model;

/**
 * The one rule for names that appear in paths, URLs and table cells. Each message to a copy names
 * two: no regular expression.
 */
final class Names {
  private static final int LONGEST = 63;

  private Names() {}

  static void require(String subject, String value) {
    if (!fits(value)) {
      throw new IllegalArgumentException(
          "%s name \"%s\": use 1 to 63 letters, digits, dots, dashes or underscores, with a letter"
                  .formatted(subject, beginning(value))
              + " or digit at both ends");
    }
  }

  /** Enough of it to know it again. */
  private static String beginning(String value) {
    return value.length() <= LONGEST ? value : value.substring(0, LONGEST) + "...";
  }

  private static boolean fits(String value) {
    var length = value.length();
    if (length == 0 || length > LONGEST) {
      return false;
    }
    for (int i = 1; i < length - 1; i++) {
      var c = value.charAt(i);
      if (!isLetterOrDigit(c) && c != '.' && c != '_' && c != '-') {
        return false;
      }
    }
    return isLetterOrDigit(value.charAt(0)) && isLetterOrDigit(value.charAt(length - 1));
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }
}
