package io.understudy.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;

/** What tests have measured: told, and never a reason to fail. */
final class Figures {
  private Figures() {}

  static void say(String figure) {
    System.out.println(figure);
    try {
      Files.writeString(
          Fig1.folder("figures.txt"),
          figure + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
