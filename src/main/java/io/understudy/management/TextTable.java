package io.understudy.management;

import java.util.ArrayList;
import java.util.List;

/** Rows of cells as lines of text with aligned columns. */
final class TextTable {
  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();

  TextTable(String... headings) {
    row(headings);
  }

  void row(String... cells) {
    rows.add(List.of(cells));
  }

  void appendTo(StringBuilder out) {
    int columns = rows.getFirst().size();
    var widths = new int[columns];
    for (List<String> row : rows) {
      for (int column = 0; column < columns; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    for (List<String> row : rows) {
      for (int column = 0; column < columns - 1; column++) {
        out.append(row.get(column)).repeat(' ', widths[column] - row.get(column).length());
        out.append(GAP);
      }
      out.append(row.getLast()).append('\n');
    }
  }
}
