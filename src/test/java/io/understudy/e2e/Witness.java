package io.understudy.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What the copies of a machine's hosts have written down of themselves: who acted as primary when.
 * All of them read the one clock of the machine, so that their times can be compared exactly.
 *
 * @param reigns in the order of their beginning
 */
record Witness(List<Reign> reigns) {
  private static final String PRIMARY = "PRIMARY";

  /**
   * A process that acts as primary without a break.
   *
   * @param process module, copy, host and pid
   * @param from its first beat as primary, by {@link System#nanoTime}
   * @param to its last
   * @param epoch at first
   */
  record Reign(Who process, long from, long to, long epoch) {
    boolean overlaps(Reign other) {
      return from - other.to <= 0 && other.from - to <= 0;
    }

    private Reign until(long beat) {
      return new Reign(process, from, beat, epoch);
    }
  }

  /** A process that is a copy. */
  record Who(String module, String copy, String host, long pid) {
    static Who parse(String file) {
      var parts = file.split("\\.", 4);
      return new Who(parts[0], parts[1], parts[2], Long.parseLong(parts[3]));
    }
  }

  /** One primary after another. */
  record Handover(Reign before, Reign after) {
    /** From the last sign of the one to the first of the other; negative when they overlapped. */
    long nanosBetween() {
      return after.from - before.to;
    }
  }

  Witness {
    reigns = reigns.stream().sorted(Comparator.comparingLong(Reign::from)).toList();
  }

  /** Reads what has been written so far. */
  static Witness in(Path folder) {
    try (var files = Files.list(folder)) {
      var reigns = new ArrayList<Reign>();
      for (Path file : files.toList()) {
        var text = Files.readString(file, StandardCharsets.US_ASCII);
        reigns.addAll(reigns(Who.parse(file.getFileName().toString()), text));
      }
      return new Witness(reigns);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The reigns of one process.
   *
   * @param history lines "nanos copy status epoch"; one that is not ended is still being written
   */
  static List<Reign> reigns(Who process, String history) {
    var reigns = new ArrayList<Reign>();
    var wasPrimary = false;
    var whole = history.substring(0, history.lastIndexOf('\n') + 1);
    for (String line : whole.lines().toList()) {
      var words = line.split(" ", 4);
      var at = Long.parseLong(words[0]);
      var isPrimary = words[2].equals(PRIMARY);
      if (isPrimary && wasPrimary) {
        reigns.add(reigns.removeLast().until(at));
      } else if (isPrimary) {
        reigns.add(new Reign(process, at, at, Long.parseLong(words[3])));
      }
      wasPrimary = isPrimary;
    }
    return reigns;
  }

  /** Of one module. */
  Witness of(String module) {
    return new Witness(
        reigns.stream().filter(reign -> reign.process().module().equals(module)).toList());
  }

  /** Those that had not ended by then. */
  Witness since(long nanos) {
    return new Witness(reigns.stream().filter(reign -> reign.to - nanos >= 0).toList());
  }

  /** Times at which two processes of one module both acted as primary (I5); none is right. */
  List<Handover> overlaps() {
    var found = new ArrayList<Handover>();
    for (int i = 0; i < reigns.size(); i++) {
      for (var later : reigns.subList(i + 1, reigns.size())) {
        var earlier = reigns.get(i);
        if (earlier.process().module().equals(later.process().module())
            && earlier.overlaps(later)) {
          found.add(new Handover(earlier, later));
        }
      }
    }
    return found;
  }

  /** Where a later primary had no higher epoch than the one before (I4); none is right. */
  List<Handover> epochsThatDidNotRise() {
    return handovers().stream()
        .filter(handover -> handover.after().epoch() <= handover.before().epoch())
        .toList();
  }

  /** Each reign with the next of its module. */
  List<Handover> handovers() {
    var found = new ArrayList<Handover>();
    for (var before : reigns) {
      next(before).ifPresent(after -> found.add(new Handover(before, after)));
    }
    return found;
  }

  private Optional<Reign> next(Reign before) {
    return reigns.stream()
        .skip(reigns.indexOf(before) + 1L)
        .filter(after -> after.process().module().equals(before.process().module()))
        .findFirst();
  }

  /** The first time that a module changed hands after that. */
  Optional<Handover> handoverSince(String module, long nanos) {
    return of(module).handovers().stream()
        .filter(handover -> handover.after().from() - nanos > 0)
        .findFirst();
  }
}
