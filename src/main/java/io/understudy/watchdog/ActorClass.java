package io.understudy.watchdog;

import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.module.ModuleActor;
import io.understudy.module.StatefulModule;

/** The class that a location names, on this host's class path. */
record ActorClass(Location.ActorClass location, HostId host) {

  ModuleActor create() {
    return create(ModuleActor.class);
  }

  StatefulModule<?, ?, ?, ?> createStateful() {
    return create(StatefulModule.class);
  }

  private <T> T create(Class<T> type) {
    var name = location.className();
    try {
      var found = Class.forName(name);
      if (!type.isAssignableFrom(found)) {
        throw new CannotStart(mismatch(found, type));
      }
      return found.asSubclass(type).getConstructor().newInstance();
    } catch (ClassNotFoundException e) {
      throw new CannotStart(
          "class %s is not on the class path of %s: add its jar there, or correct the location"
              .formatted(name, host));
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new CannotStart(
          "%s cannot be created: it needs a public constructor without parameters that works (%s)"
              .formatted(name, e.getCause() == null ? e : e.getCause()));
    }
  }

  private static String mismatch(Class<?> found, Class<?> type) {
    var name = found.getName();
    if (StatefulModule.class.isAssignableFrom(found)) {
      return "%s has a state: register the module with one, as in state = sync".formatted(name);
    }
    if (ModuleActor.class.isAssignableFrom(found)) {
      return "%s keeps no state: register the module without one, or let it implement %s"
          .formatted(name, StatefulModule.class.getName());
    }
    return "%s is not a module: let it implement %s".formatted(name, type.getName());
  }
}
