package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.understudy.wire.MalformedText;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnModulesTest {
  @TempDir Path data;

  @Test
  @DisplayName("[1] a module that the node's settings name is registered when the node has started")
  void registered() throws Exception {
    var module =
        Map.of(
            "module", "own",
            "style", "cold",
            "copies", List.of(Map.of("host", "here", "location", "/bin/cat")));
    try (var node = InProcess.node("here", data, Map.of("understudy.modules", List.of(module)))) {
      node.ready();
      var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      var said = "";
      while (!said.contains("ModuleRegistered") && System.nanoTime() < end) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        said = InProcess.run("events", "-n", node.url(), "--module", "own").out();
      }
      assertThat(said).contains("ModuleRegistered", "own1@here");
    }
  }

  @Test
  @DisplayName("[n] a module of the settings that cannot be registered stops the start")
  void refused() {
    var config =
        ConfigFactory.parseString(
            "understudy.modules = [ { module = A, style = warm, degree = 2, copies = ["
                + "{ host = H1, location = /bin/cat } ] } ]");
    assertThatThrownBy(() -> OwnModules.read(config))
        .isInstanceOf(MalformedText.class)
        .hasMessageContaining("understudy.modules: module A: degree 2 needs 2 hosts, 1 is listed");
  }
}
