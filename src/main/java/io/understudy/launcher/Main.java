package io.understudy.launcher;

/**
 * Starts the command line, on a Java that can run it. Compiled for Java 11, unlike all else here,
 * so that an older one can say so in words.
 */
public final class Main {
  private static final int LEAST = 21;

  private Main() {}

  public static void main(String[] arguments) throws ReflectiveOperationException {
    int release = Runtime.version().feature();
    if (release < LEAST) {
      System.err.println(refusal(release));
      System.exit(2);
    }
    Class.forName("io.understudy.launcher.Cli")
        .getMethod("main", String[].class)
        .invoke(null, (Object) arguments);
  }

  static String refusal(int release) {
    return "understudy: Java "
        + release
        + " runs this, and Java "
        + LEAST
        + " or later is needed; point JAVA_HOME at one, or use deploy/understudy, which finds one";
  }
}
