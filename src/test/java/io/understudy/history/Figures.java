package io.understudy.history;

/** What tests have measured: told, and never a reason to fail. */
final class Figures {
  private Figures() {}

  static void say(String format, Object... values) {
    System.out.println(format.formatted(values));
  }
}
