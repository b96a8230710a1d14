package io.understudy.model;

/** Where a copy's program is found on its host (patent [0015], FIG. 2). */
public sealed interface Location {
  /** What an actor's location starts with. */
  String ACTOR = "actor:";

  /** The text of a module file: a path, or {@code actor:fully.qualified.ClassName}. */
  String text();

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
  }

  /** A class of the module API that the WatchDog runs in its own JVM. */
  record ActorClass(String className) implements Location {
    @Override
    public String text() {
      return ACTOR + className;
    }
  }
}
