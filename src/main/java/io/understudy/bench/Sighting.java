package io.understudy.bench;

/**
 * What a copy said that it had just seen.
 *
 * @param copy its id
 * @param nanos a reading of {@link System#nanoTime}, which all processes of a machine share
 * @param epoch that it knows of
 */
record Sighting(Event event, String copy, long pid, long nanos, long epoch) {
  private static final int FIELDS = 5;

  /** What there is to see. */
  enum Event {
    /** The process runs. */
    STARTED,
    /** It was told that it is the primary. */
    TOLD,
    /** It has confirmed that, and the WatchDog has acknowledged it. */
    CONFIRMED,
    /** Its WatchDog has acknowledged a heartbeat, which was sent at the time given. */
    BEAT
  }

  /** As one line; short enough to be written to a pipe in one piece. */
  String line() {
    return "%s %s %d %d %d\n".formatted(event, copy, pid, nanos, epoch);
  }

  /**
   * Reads a line.
   *
   * @param received stands in for the time where a shell wrote a dash, having no clock
   */
  static Sighting parse(String line, long received) {
    var fields = line.split(" ", FIELDS);
    return new Sighting(
        Event.valueOf(fields[0]),
        fields[1],
        Long.parseLong(fields[2]),
        fields[3].equals("-") ? received : Long.parseLong(fields[3]),
        Long.parseLong(fields[4]));
  }
}
