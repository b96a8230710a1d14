package io.understudy.launcher;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import io.understudy.client.Registration;
import io.understudy.client.UnderstudyClient;
import io.understudy.manager.ManagerProtocol;
import io.understudy.model.ModuleSpec;
import io.understudy.wire.MalformedText;
import io.understudy.wire.ModuleFile;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The modules that a node's settings name, so that one file protects a program on one machine. */
final class OwnModules {
  private static final Logger LOG = LoggerFactory.getLogger(OwnModules.class);
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private OwnModules() {}

  /** Reads them; throws {@link MalformedText} at the first that cannot be registered. */
  static List<ModuleSpec> read(Config config) {
    return config.getList("understudy.modules").stream().map(OwnModules::read).toList();
  }

  private static ModuleSpec read(ConfigValue value) {
    var text = value.render(ConfigRenderOptions.concise());
    if (!(value instanceof ConfigObject)) {
      throw new MalformedText(
          "settings: understudy.modules has %s; write each module as a block { module = ... }"
              .formatted(text));
    }
    return switch (ModuleFile.read(text)) {
      case ModuleFile.Read.Malformed malformed -> throw refused(malformed.reason());
      case ModuleFile.Read.Module module -> sound(module.spec());
    };
  }

  private static ModuleSpec sound(ModuleSpec spec) {
    var refusal = spec.refusal();
    if (refusal.isPresent()) {
      throw refused(refusal.get());
    }
    return spec;
  }

  private static MalformedText refused(String reason) {
    return new MalformedText("settings: understudy.modules: " + reason);
  }

  /** Registers them with whoever manages; what is registered already stays as it is. */
  static void register(
      ActorSystem<?> system, ActorRef<ManagerProtocol.Command> manager, List<ModuleSpec> modules) {
    var client = UnderstudyClient.create(system, manager, PATIENCE);
    for (ModuleSpec module : modules) {
      client.register(module).thenAccept(answer -> say(module, answer));
    }
  }

  private static void say(ModuleSpec module, Registration answer) {
    switch (answer) {
      case Registration.Registered done ->
          LOG.info("module {} of the settings is registered", module.module());
      case Registration.Refused refused -> LOG.error("{}", refused.reason());
      case Registration.Unavailable away ->
          LOG.error("module {} is not registered: {}", module.module(), away.reason());
    }
  }
}
