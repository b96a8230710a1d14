package io.understudy.model;

/** Where a copy's program is found on its host (patent [0015], FIG. 2). */
public sealed interface Location {
  /** What an actor's location starts with. */
  String ACTOR = "actor:";

  /** The text of a module file: a path, or {@code actor:fully.qualified.ClassName}. */
  String text();

  /** Whether it says where: a whole path, or the name of a class. */
  boolean isPlace();

  /** Reads the text of a module file. */
  static Location parse(String text) {
    return text.startsWith(ACTOR)
        ? new ActorClass(text.substring(ACTOR.length()))
        : new Executable(text);
  }

  /** A program that the WatchDog starts as a process. */
  record Executable(String path) implements Location {
    @Override
    public String text() {
      return path;
    }

    @Override
    public boolean isPlace() {
      return path.startsWith("/");
    }
  }

  /** A class of the module API that the WatchDog runs in its own JVM. */
  record ActorClass(String className) implements Location {
    @Override
    public String text() {
      return ACTOR + className;
    }

    @Override
    public boolean isPlace() {
      return !className.isBlank();
    }
  }
}
