package io.understudy.model;

import java.util.Comparator;
import java.util.regex.Pattern;

/**
 * One copy of a module: the column "module id" of FIG. 2.
 *
 * <p>Written A1 for copy 1 of module A. A module whose name ends in a digit gets a dash, web1-2 for
 * copy 2 of web1, so that two copies never read alike.
 *
 * @param number counts from 1 in the order of registration and is never given to another host
 */
public record CopyId(ModuleId module, int number) implements Comparable<CopyId> {
  private static final Pattern TEXT =
      Pattern.compile("(.*\\d)-([1-9]\\d{0,8})|(.*\\D)([1-9]\\d{0,8})");
  private static final Comparator<CopyId> ORDER =
      Comparator.comparing(CopyId::module).thenComparingInt(CopyId::number);

  /** Reads what {@link #toString} wrote; throws {@link IllegalArgumentException} otherwise. */
  public static CopyId parse(String text) {
    var match = TEXT.matcher(text);
    if (!match.matches()) {
      throw new IllegalArgumentException(
          "copy \"%s\": write the module's name and the copy's number, as in A1 or web1-2"
              .formatted(text));
    }
    var dashed = match.group(1) != null;
    return new CopyId(
        new ModuleId(match.group(dashed ? 1 : 3)), Integer.parseInt(match.group(dashed ? 2 : 4)));
  }

  @Override
  public int compareTo(CopyId other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    var name = module.value();
    return Character.isDigit(name.charAt(name.length() - 1)) ? name + "-" + number : name + number;
  }
}
