package io.understudy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.Copy;
import io.understudy.model.Detection;
import io.understudy.model.FailoverStrategy;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.Readiness;
import io.understudy.model.Replication;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.RestartPolicy;
import io.understudy.model.RunningCopy;
import io.understudy.model.SanityCheck;
import io.understudy.model.StateSpec;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ModuleFileTest {
  private static final String A =
      """
      module = A
      style = warm                       # cold | warm | hot
      degree = 3
      failover = on-each-failure         # or { on-over-threshold = 3 }
      detection = { polling { interval = 1s, timeout = 500ms } }
      copies = [
        { host = H1, location = "/home/chung/A.exe" }
        { host = H2, location = "/home/chung/A.exe" }
        { host = H3, location = "/home/chung/A.exe" }
        { host = H4, location = "/home/chung/A.exe" }
      ]
      """;

  private static Copy copy(String host, String... arguments) {
    return new Copy(new HostId(host), Location.parse("/home/chung/A.exe"), List.of(arguments));
  }

  private static ModuleSpec a() {
    return ModuleSpec.of(
        new ModuleId("A"),
        ReplicationStyle.WARM,
        3,
        List.of(copy("H1"), copy("H2"), copy("H3"), copy("H4")));
  }

  private static ModuleFile.Read.Module module(String text) {
    return switch (ModuleFile.read(text)) {
      case ModuleFile.Read.Module module -> module;
      case ModuleFile.Read.Malformed malformed -> throw new AssertionError(malformed.reason());
    };
  }

  private static String refusal(String text) {
    return ModuleFile.read(text) instanceof ModuleFile.Read.Malformed malformed
        ? malformed.reason()
        : "read";
  }

  @Test
  @DisplayName("[3] [4] [5] [6] [7] the module file of the design registers module A")
  void theDesignsFile() {
    assertThat(module(A)).isEqualTo(new ModuleFile.Read.Module(a(), Optional.empty()));
  }

  @Test
  @DisplayName("[5] JSON is read as HOCON is, and cold needs no degree")
  void json() {
    var read =
        module(
            """
            {"module": "C", "style": "COLD",
             "copies": [{"host": "H3", "location": "actor:org.example.C"},
                        {"host": "H6", "location": "actor:org.example.C"}]}
            """);

    assertThat(read.spec().degree()).isEqualTo(2);
    assertThat(read.spec().copies().get(0).location())
        .isEqualTo(new Location.ActorClass("org.example.C"));
  }

  @Test
  @DisplayName("[2] a running copy is named with its host and process")
  void running() {
    assertThat(module(A + "running { host = H1, pid = 4711 }").running())
        .contains(new RunningCopy(new HostId("H1"), 4711));
  }

  @Test
  @DisplayName("[9] arguments of the module hold for each copy that has none of its own")
  void arguments() {
    var spec =
        module(
                """
                module = A, style = hot, degree = 1, arguments = [ "--port", 80 ]
                copies = [ { host = H1, location = /a }
                           { host = H2, location = /b, arguments = [] } ]
                """)
            .spec();

    assertThat(spec.copies().get(0).arguments()).containsExactly("--port", "80");
    assertThat(spec.copies().get(1).arguments()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "state = sync | SYNC | 100ms | 1s | every 10000 or 10s",
        "state = ASYNC | ASYNC | 100ms | 1s | every 10000 or 10s",
        "state {} | SYNC | 100ms | 1s | every 10000 or 10s",
        "state { replication = async, interval = 5ms } | ASYNC | 5ms | 1s | every 10000 or 10s",
        "state { in-sync-timeout = 4s } | SYNC | 100ms | 4s | every 10000 or 10s",
        "state { checkpoint = each-update } | SYNC | 100ms | 1s | each update",
        "state { checkpoint = EACH_UPDATE } | SYNC | 100ms | 1s | each update",
        "state { checkpoint = none } | SYNC | 100ms | 1s | none",
        "state { checkpoint { every-updates = 5 } } | SYNC | 100ms | 1s | every 5 or 10s",
        "state { checkpoint { interval = 2m } } | SYNC | 100ms | 1s | every 10000 or 2m",
      })
  @DisplayName("[25] a module's state, with defaults for all that is not named")
  void state(String written, Replication replication, String interval, String out, String kept) {
    var state = module(A + written).spec().state().orElseThrow();

    assertThat(state.replication()).isEqualTo(replication);
    assertThat(brief(state.interval())).isEqualTo(interval);
    assertThat(brief(state.inSyncTimeout())).isEqualTo(out);
    assertThat(
            switch (state.checkpoint()) {
              case CheckpointPolicy.Periodic(var updates, var time) ->
                  "every %d or %s".formatted(updates, brief(time));
              case CheckpointPolicy.EachUpdate each -> "each update";
              case CheckpointPolicy.None none -> "none";
            })
        .isEqualTo(kept);
  }

  private static String brief(Duration time) {
    return time.toMillis() < 1000
        ? time.toMillis() + "ms"
        : time.toString().substring(2).toLowerCase(Locale.ROOT);
  }

  @Test
  @DisplayName(
      "[3] [25] the module file of the README is read, and its state block are the defaults")
  void theReadmesFile() throws IOException {
    var blocks =
        Pattern.compile("(?ms)^```\\w*\\n(.*?)^```$")
            .matcher(Files.readString(Path.of("README.md")))
            .results()
            .map(match -> match.group(1))
            .toList();
    var file = blocks.stream().filter(it -> it.startsWith("module = ")).findFirst().orElseThrow();
    var state = blocks.stream().filter(it -> it.startsWith("state {")).findFirst().orElseThrow();

    assertThat(module(file + state).spec().refusal()).isEmpty();
    assertThat(module(file + state).spec().state()).contains(StateSpec.DEFAULT);
    assertThat(module(file + "state = sync").spec().state()).contains(StateSpec.DEFAULT);
  }

  static Stream<ModuleSpec> specs() {
    var heartbeat =
        new Detection.Heartbeat(Duration.ofNanos(1_500_001), Detection.Heartbeat.Source.REQUEST);
    return Stream.of(
        a(),
        a().withFailover(new FailoverStrategy.OnOverThreshold(3)).withDetection(heartbeat),
        a().withDetection(polling(new SanityCheck.TcpConnect(8080))),
        a().withDetection(polling(new SanityCheck.HttpGet(URI.create("http://127.0.0.1:1/h")))),
        a().withDetection(polling(new SanityCheck.Command(List.of("/bin/check", "-x", "a \"b\"")))),
        a().withState(StateSpec.DEFAULT),
        a().withState(
                new StateSpec(
                    Replication.ASYNC,
                    Duration.ofMillis(7),
                    Duration.ofSeconds(3),
                    new CheckpointPolicy.EachUpdate())),
        a().withState(StateSpec.DEFAULT.withCheckpoint(new CheckpointPolicy.None())),
        a().withState(
                StateSpec.DEFAULT.withCheckpoint(
                    new CheckpointPolicy.Periodic(Long.MAX_VALUE, Duration.ofMinutes(3)))),
        new ModuleSpec(
            new ModuleId("web.1"),
            ReplicationStyle.COLD,
            1,
            new FailoverStrategy.OnEachFailure(),
            Detection.Polling.DEFAULT,
            new Readiness(Readiness.When.MODULE_API, Duration.ofMillis(1)),
            new RestartPolicy(
                Duration.ofSeconds(1),
                Duration.ZERO,
                Duration.ofMillis(1),
                Duration.ofDays(200),
                Duration.ofMillis(1_234)),
            Duration.ofMinutes(2),
            Optional.empty(),
            List.of(copy("H1", "ü", "${HOME}", "# no comment"))));
  }

  private static Detection polling(SanityCheck check) {
    return new Detection.Polling(Duration.ofSeconds(2), Duration.ofMillis(7), Optional.of(check));
  }

  @ParameterizedTest
  @MethodSource("specs")
  void whatIsWrittenIsReadBack(ModuleSpec spec) {
    var running = Optional.of(new RunningCopy(new HostId("H1"), Long.MAX_VALUE));

    assertThat(module(ModuleFile.json(spec, running)))
        .isEqualTo(new ModuleFile.Read.Module(spec, running));
  }

  @Test
  void theNameInTheAddressWillDo() {
    var text = "style = cold, copies = [ { host = H1, location = /a } ]";

    assertThat(ModuleFile.read(text, Optional.of(new ModuleId("Z"))))
        .isInstanceOfSatisfying(
            ModuleFile.Read.Module.class,
            read -> assertThat(read.spec().module()).isEqualTo(new ModuleId("Z")));
    assertThat(ModuleFile.read("module = A\n" + text, Optional.of(new ModuleId("Z"))))
        .isEqualTo(
            new ModuleFile.Read.Malformed(
                "module file: module (line 1) = A is not Z, as the address says"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "style = wurm | style (line 1) = \"wurm\" is not known; write cold or warm or hot",
        "styel = warm | styel (line 1) is not a known key; did you mean \"style\"?",
        "degree = three | degree (line 1) = \"three\" is not possible; write a whole number",
        "degree = 2.5 | degree (line 1) = 2.5 is not possible; write a whole number",
        "degree = 99999999999 | write a whole number from 1 to 2147483647",
        "degree = 0 | degree (line 1) = 0 is not possible; write a whole number from 1 to",
        "degree = 1e999999999 | degree (line 1) = Infinity is not possible; write a whole",
        "failover { on-over-threshold = 0 } | failover.on-over-threshold (line 1) = 0 is not"
            + " possible; write a whole number from 1 to 2147483647",
        "failover = sometimes | failover (line 1) = \"sometimes\" is not known; write"
            + " on-each-failure or { on-over-threshold = N }",
        "failover = { on-over-treshold = 3 } | failover.on-over-treshold (line 1) is not a known"
            + " key; did you mean \"on-over-threshold\"?",
        "detection = luck | detection (line 1) = \"luck\" is not known; write polling or heartbeat",
        "detection { pollin {} } | detection.pollin (line 1) is not a known key; did you mean"
            + " \"polling\"?",
        "detection {} | write one of polling { ... } and heartbeat { ... }",
        "detection { polling { timeout = 5 } } | detection.polling.timeout (line 1) = 5 is not"
            + " possible; write a number with its unit, as in 500ms, 2s or 1h",
        "detection { polling { timeout = 5 parsecs } } | detection.polling.timeout (line 1) ="
            + " \"5 parsecs\" is not possible; write a number with its unit",
        "detection { polling { timeout = -1s } } | give a time from 1ms to 200d",
        "detection { polling { timeout = 0ms } } | detection.polling.timeout (line 1) = \"0ms\" is"
            + " not possible; give a time from 1ms to 200d",
        "detection { polling { timeout = 999d } } | give a time from 1ms to 200d",
        "detection { heartbeat { timeout = 0ms } } | give a time from 1ms to 200d",
        "stop-grace = -1s | stop-grace (line 1) = \"-1s\" is not possible; give a time from 0ms to",
        "detection { polling { timeout = 99999999d } } | detection.polling.timeout (line 1) ="
            + " \"99999999d\" is not possible; give a time from 1ms to 200d",
        "detection { polling { sanity {} } } | write one of command = [ ... ], tcp = PORT and",
        "detection { polling { sanity { tcp = 70000 } } } | detection.polling.sanity.tcp (line 1)",
        "detection { polling { sanity { http = 'x y' } } } | write a URL, as in http://",
        "detection { polling { sanity { command = [] } } } | is empty; list the program",
        "detection { heartbeat { on = demand } } | = \"demand\" is not known; write period or"
            + " request",
        "ready = maybe | ready (line 1) = \"maybe\" is not known; write started or api or sanity",
        "restart { backoff-min = 10s, backoff-max = 1s } | raise backoff-max or lower backoff-min",
        "state = yes | state (line 1) = \"yes\" is not known; write sync or async or { ... }",
        "state = [] | state (line 1) = \"[]\" is not known; write sync or async or { ... }",
        "state { replicaton = sync } | state.replicaton (line 1) is not a known key; did you mean"
            + " \"replication\"?",
        "state { replication = both } | state.replication (line 1) = \"both\" is not known; write"
            + " sync or async",
        "state { interval = 5 } | state.interval (line 1) = 5 is not possible; write a number with"
            + " its unit",
        "state { checkpoint = often } | state.checkpoint (line 1) = \"often\" is not known; write"
            + " each-update or none or { every-updates = N, interval = T }",
        "state { checkpoint { every = 5 } } | state.checkpoint.every (line 1) is not a known key;",
        "state { checkpoint { every-updates = 1.5 } } | state.checkpoint.every-updates (line 1) ="
            + " 1.5 is not possible; write a whole number",
        "copies = H1 | copies (line 1) = \"H1\" is not possible; list them, as in copies =",
        "copies = [ H1 ] | copies[0] = \"H1\" is not possible; write a block",
        "copies = [ { host = H1 } ] | copies[0].location is missing; write the path of the",
        "copies = [ { host = 'H 1', location = /a } ] | copies[0].host (line 1) is not possible:"
            + " host name",
        "copies = [ { host = H1, locaton = /a } ] | did you mean \"location\"?",
        "running { host = H1, pid = 0 } | running.pid (line 1) = 0 is not possible; write a whole",
        "state = null | state (line 1) = null is not possible; leave state out, or give a value",
        "state { checkpoint = null } | state.checkpoint (line 1) = null is not possible; leave",
        "module = null | module (line 1) = null is not possible; leave module out",
        "state { in-sync-timeout = 1ns } | state.in-sync-timeout (line 1) = \"1ns\" is not"
            + " possible; give a time from 200ms to 200d",
        "state { checkpoint { every-updates = 99999999999999999999 } } |"
            + " state.checkpoint.every-updates (line 1) = \"99999999999999999999\" is not possible;"
            + " write a whole number from 1 to 9223372036854775807",
        "include '/etc/passwd' | include \"/etc/passwd\" is not possible; copy its lines here",
        "include file('/etc/passwd') | include file(\"/etc/passwd\") is not possible; copy its",
        "include required(file('/etc/passwd')) | include file(\"/etc/passwd\") is not possible;",
        "include url('file:///etc/passwd') | include url(\"file:/etc/passwd\") is not possible;",
        "include classpath('a.conf') | include classpath(\"a.conf\") is not possible; copy its",
        "degree = ${HOME} | module file: references to other values, ${...} and +=, are not",
        "degree = [ | module file: line 2: List should have ended with ] or had a comma, instead"
            + " had",
        "{ | module file: line 13: a { has no }; write HOCON or JSON, as in module = A",
      })
  void eachMistakeIsNamedWithItsRemedy(String mistake, String message) {
    var refusal = refusal(mistake.replace('\'', '"') + "\n" + without(mistake));

    assertThat(refusal).startsWith("module ").contains(message).doesNotContain("\n");
  }

  /** Module A without what the mistake replaces. */
  private static String without(String mistake) {
    var key = mistake.split("[ ={]", 2)[0];
    return key.equals("copies")
        ? A.substring(0, A.indexOf("copies"))
        : A.replaceAll("(?m)^%s .*$".formatted(key), "");
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThat(refusal("style = warm")).contains("module is missing; add module = NAME");
    assertThat(refusal("module = A"))
        .isEqualTo("module A: style is missing; write style = cold or warm or hot");
    assertThat(refusal("module = A, style = hot, copies = []"))
        .contains("degree is missing; write how many copies are to run");
    assertThat(refusal("module = A, style = hot")).contains("copies is missing; list them");
    assertThat(refusal("")).contains("module is missing");
    assertThat(refusal("[1]"))
        .isEqualTo("module file: it is a list; write keys and their values, as in module = A");
    assertThat(refusal("{"))
        .isEqualTo("module file: line 1: a { has no }; write HOCON or JSON, as in module = A");
    assertThat(refusal("module = A,,"))
        .isEqualTo(
            "module file: line 1: expecting a key or }, got ','; write HOCON or JSON, as in"
                + " module = A");
  }

  @Test
  void aFileThatIsTooDeepIsRefused() {
    assertThat(refusal("module = " + "[".repeat(100_000)))
        .isEqualTo(
            "module file: it has thousands of blocks or lists within each other; write it flat");
    assertThat(refusal("a." + "b.".repeat(100_000) + "c = 1"))
        .isEqualTo(
            "module file: it has thousands of blocks or lists within each other; write it flat");
  }

  @Test
  void aFewLinesDoNotFillTheMemory() {
    var doubling =
        IntStream.range(1, 60)
            .mapToObj(line -> "x%d = ${x%d}${x%d}".formatted(line, line - 1, line - 1))
            .collect(Collectors.joining("\n", "x0 = 0123456789\n", "\n"));

    assertThat(refusal(doubling + A)).contains("references to other values");
  }
}
