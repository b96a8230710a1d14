package io.understudy.watchdog;

import io.understudy.module.CallAnswer;
import io.understudy.state.Bytes;
import io.understudy.state.RequestId;

/**
 * How a Java module's answer stands in the log: what the module said, or that it could not read.
 */
final class ModuleReply {
  private static final byte SAID = 0;
  private static final byte UNREADABLE = 1;

  private ModuleReply() {}

  static Bytes of(Bytes reply) {
    return marked(SAID, reply);
  }

  static Bytes unreadable(String reason) {
    return marked(UNREADABLE, Bytes.utf8(reason));
  }

  static CallAnswer answer(RequestId request, Bytes marked, boolean kept) {
    var buffer = marked.buffer();
    var mark = buffer.get();
    var rest = new byte[buffer.remaining()];
    buffer.get(rest);
    var bytes = Bytes.wrap(rest);
    return mark == SAID
        ? new CallAnswer.Replied(request, bytes, kept)
        : new CallAnswer.CallRefused(request, bytes.utf8(), kept);
  }

  private static Bytes marked(byte mark, Bytes bytes) {
    var all = new byte[1 + bytes.length()];
    all[0] = mark;
    bytes.buffer().get(all, 1, bytes.length());
    return Bytes.wrap(all);
  }
}
