package io.understudy.watchdog;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/** Says now and then how many bytes have been read. */
final class Counted extends FilterInputStream {
  private static final long EVERY = 4L << 20;

  private final LongConsumer read;
  private long count;
  private long said;

  Counted(InputStream in, LongConsumer read) {
    super(in);
    this.read = read;
  }

  @Override
  public int read() throws IOException {
    var one = in.read();
    counted(one < 0 ? 0 : 1);
    return one;
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    var some = in.read(bytes, from, length);
    counted(Math.max(some, 0));
    return some;
  }

  private void counted(int more) {
    count += more;
    if (count - said >= EVERY) {
      said = count;
      read.accept(count);
    }
  }
}
