package io.understudy.wire;

/** A text that cannot be read; the message is for the one who wrote it and needs no stack trace. */
public final class MalformedText extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public MalformedText(String message) {
    super(message);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
