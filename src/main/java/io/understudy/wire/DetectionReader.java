package io.understudy.wire;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.understudy.model.Detection;
import io.understudy.model.SanityCheck;
import io.understudy.model.TimeRange;
import io.understudy.wire.Section.Choice;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Reads how a module's failures are found; throws {@link MalformedText}.
 *
 * @param top of the module file
 */
record DetectionReader(Section top) {
  static final List<Choice<Detection.Heartbeat.Source>> ON =
      List.of(
          new Choice<>("period", Detection.Heartbeat.Source.PERIOD),
          new Choice<>("request", Detection.Heartbeat.Source.REQUEST));
  private static final Detection.Heartbeat HEARTBEAT =
      new Detection.Heartbeat(Duration.ofSeconds(2), Detection.Heartbeat.Source.PERIOD);
  private static final List<Choice<Detection>> NAMES =
      List.of(
          new Choice<>("polling", Detection.Polling.DEFAULT), new Choice<>("heartbeat", HEARTBEAT));

  /** By polling, unless the file says otherwise. */
  Detection read() {
    return top.find("detection").map(this::read).orElse(Detection.Polling.DEFAULT);
  }

  private Detection read(ConfigValue value) {
    if (!(value instanceof ConfigObject)) {
      return top.chosen("detection", String.valueOf(value.unwrapped()), NAMES);
    }
    var block = top.section("detection").orElseThrow();
    block.allowing(NAMES.stream().map(Choice::name).toList());
    if (block.block().keySet().equals(Set.of("polling"))) {
      return block.section("polling").map(DetectionReader::polling).orElseThrow();
    }
    if (block.block().keySet().equals(Set.of("heartbeat"))) {
      return block.section("heartbeat").map(DetectionReader::heartbeat).orElseThrow();
    }
    throw top.wrong("detection", value, "write one of polling { ... } and heartbeat { ... }");
  }

  private static Detection heartbeat(Section block) {
    block.allowing(List.of("timeout", "on"));
    return new Detection.Heartbeat(
        block.time("timeout", TimeRange.POSITIVE).orElse(HEARTBEAT.timeout()),
        block.choice("on", ON).orElse(HEARTBEAT.on()));
  }

  private static Detection polling(Section block) {
    block.allowing(List.of("interval", "timeout", "sanity"));
    var normal = Detection.Polling.DEFAULT;
    return new Detection.Polling(
        block.time("interval", TimeRange.POSITIVE).orElse(normal.interval()),
        block.time("timeout", TimeRange.POSITIVE).orElse(normal.timeout()),
        block.section("sanity").map(DetectionReader::sanity));
  }

  private static SanityCheck sanity(Section block) {
    block.allowing(List.of("command", "tcp", "http"));
    if (block.block().size() != 1) {
      throw new MalformedText(
          "%s: %s: write one of command = [ ... ], tcp = PORT and http = URL"
              .formatted(block.subject(), block.path()));
    }
    return switch (block.block().keySet().iterator().next()) {
      case "command" -> command(block);
      case "tcp" -> tcp(block);
      default -> http(block);
    };
  }

  private static SanityCheck command(Section block) {
    var command = block.texts("command").orElse(List.of());
    if (command.isEmpty()) {
      throw block.malformed("command", "is empty; list the program and its arguments");
    }
    return new SanityCheck.Command(command);
  }

  private static SanityCheck tcp(Section block) {
    var value = block.require("tcp", "write a port");
    return new SanityCheck.TcpConnect((int) block.whole("tcp", value, 1, 65_535));
  }

  private static SanityCheck http(Section block) {
    var remedy = "write a URL, as in http://127.0.0.1:8080/health";
    var value = block.require("http", remedy);
    try {
      var address = new URI(block.requireText("http", remedy));
      if (List.of("http", "https").contains(String.valueOf(address.getScheme()))
          && address.getHost() != null) {
        return new SanityCheck.HttpGet(address);
      }
    } catch (URISyntaxException e) {
      throw block.wrong("http", value, remedy);
    }
    throw block.wrong("http", value, remedy);
  }
}
