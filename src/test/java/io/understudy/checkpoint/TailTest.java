package io.understudy.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.checkpoint.Tail.Piece;
import io.understudy.model.Epoch;
import io.understudy.state.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TailTest {
  @ParameterizedTest(name = "[25] a snapshot at {0}, then {1} => {2}")
  @CsvSource({
    "0:0, 1:1-3 1:4-4, 1:1-3 1:4-4",
    "1:3, 1:1-3 1:4-4, 1:4-4",
    "1:2, 1:1-3, 1:3-3",
    "1:3, 1:1-3, ''",
    "0:0, 1:2-3, ''", // a gap
    "0:0, 1:1-5 1:2-3, 1:1-5", // sent again, and late
    "0:0, 1:1-3 1:1-5, 1:1-3 1:4-5",
    "0:0, 1:1-5 2:4-4, 1:1-3 2:4-4", // another log from 4 on
    "0:0, 1:1-5 1:3-3 2:4-6, 1:1-3 2:4-6",
    "0:0, 2:1-5 1:3-3 3:4-4, 2:1-3 3:4-4",
    "4:150, 3:140-160, ''", // replaced before the snapshot was taken
    "3:100, 3:101-105, 3:101-105",
    "3:100, 3:101-105 4:101-101 4:102-102, 4:101-101 4:102-102",
    "1:97, 2:96-105 1:96-97, ''", // what follows the snapshot is of the log that was replaced
    "1:97, 2:96-97 2:98-105, ''",
    "1:1, 1:1-1 5:2-3 1:2-2 6:3-3, 1:2-2 6:3-3",
    "1:0, 1:1-2 3:3-9 2:3-4 4:5-6, 1:1-2 2:3-4 4:5-6" // the third writer has what the second had
    // not
  })
  void laterWritersReplaceEarlierOnes(String at, String rows, String expected) {
    var snapshot = at.split(":");
    var position =
        new Position(new Epoch(Long.parseLong(snapshot[0])), Long.parseLong(snapshot[1]));
    var shown =
        Tail.of(position, pieces(rows)).pieces().stream()
            .map(piece -> "%s:%d-%d".formatted(piece.epoch(), piece.first(), piece.last()))
            .toList();
    assertThat(String.join(" ", shown)).isEqualTo(expected);
  }

  private static List<Piece> pieces(String text) {
    var pieces = new ArrayList<Piece>();
    for (var row : text.split(" ")) {
      var numbers = Stream.of(row.split("[:-]")).map(Long::parseLong).toList();
      pieces.add(
          new Piece(pieces.size(), new Epoch(numbers.get(0)), numbers.get(1), numbers.get(2)));
    }
    return pieces;
  }
}
