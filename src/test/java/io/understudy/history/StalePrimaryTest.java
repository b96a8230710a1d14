package io.understudy.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import io.understudy.model.CheckpointPolicy;
import io.understudy.model.CopyId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateSpec;
import io.understudy.module.CallAnswer;
import io.understudy.state.RequestId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The host with the primaries is stopped over a fail-over, and goes on afterwards: clients that
 * know no better have asked its copies all the while. The guard, which would kill it, is off.
 */
@Tag("slow")
class StalePrimaryTest {
  private static final StateSpec EACH_UPDATE =
      StateSpec.DEFAULT.withCheckpoint(new CheckpointPolicy.EachUpdate());

  /** A host that has no processor to itself may notice that it is late before it reads on. */
  private static final int MOST_TIMES = 3;

  private static final List<String> ORDER = List.of("H4", "H3", "H2");

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path folder;

  private RealHosts hosts;
  private ActorSystem<Void> stranger;

  @BeforeEach
  void start() throws Exception {
    hosts =
        RealHosts.start(
            folder, "127.0.62", List.of("H1", "H2", "H3", "H4"), "understudy.guard.enabled=false");
    stranger = hosts.stranger();
  }

  @AfterEach
  void stop() {
    stranger.terminate();
    hosts.close();
  }

  private static ModuleSpec spec(String name, ReplicationStyle style, int degree, StateSpec state) {
    return RealHosts.spec(name, Tally.class, ORDER, style, degree, state);
  }

  private Insider insider(String module) {
    var first = CopyId.parse(module + "1"); // on H4
    return new Insider(stranger, first, hosts.remoting("H4"));
  }

  /** Asks to add and to read, of each. */
  private static Map<String, List<RequestId>> ask(Map<String, Insider> insiders) {
    var asked = new HashMap<String, List<RequestId>>();
    insiders.forEach(
        (module, insider) -> {
          var requests = asked.computeIfAbsent(module, first -> new ArrayList<>());
          for (int i = 0; i < 10; i++) {
            requests.add(insider.ask(new Tally.Command.Add()));
            requests.add(insider.ask(new Tally.Command.Read()));
          }
        });
    return asked;
  }

  @Test
  @DisplayName(
      "[I4][I5] the primaries' host is stopped over a fail-over and goes on: they commit nothing,"
          + " store nothing and answer nobody as primaries")
  void stale() throws Exception {
    var acted = new ArrayList<CallAnswer>();
    for (int time = 1; time <= MOST_TIMES && acted.isEmpty(); time++) {
      acted.addAll(goesStale("" + time));
    }
    assertThat(acted).as("what went to the host while it was stopped").isNotEmpty();
    Figures.say("the stale copies answered %d requests: %s", acted.size(), reasons(acted));
  }

  /** What the stale copies answered to requests that came while they were stopped. */
  private List<CallAnswer> goesStale(String time) throws Exception {
    var specs =
        List.of(
            spec("W" + time + "x", ReplicationStyle.WARM, 2, StateSpec.DEFAULT),
            spec("H" + time + "x", ReplicationStyle.HOT, 2, StateSpec.DEFAULT),
            spec("C" + time + "x", ReplicationStyle.COLD, 3, EACH_UPDATE));
    var insiders = new HashMap<String, Insider>();
    for (var spec : specs) {
      var name = spec.module().value();
      hosts.register(spec);
      assertThat(hosts.sequencer(name)).isEqualTo("H4");
      insiders.put(name, insider(name));
    }
    var before = ask(insiders);
    before.forEach(
        (name, requests) ->
            Await.until(
                () ->
                    assertThat(insiders.get(name).answers(requests))
                        .hasSameSizeAs(requests)
                        .allMatch(CallAnswer.Replied.class::isInstance)));

    var said = hosts.host("H4").said().length();
    hosts.host("H4").signal("STOP");
    var meanwhile = ask(insiders);
    for (var spec : specs) {
      var name = spec.module().value();
      Await.until(() -> assertThat(hosts.sequencer(name)).isNotEqualTo("H4"));
      assertThat(adds(spec)).as("what %s goes on with", name).isEqualTo(11);
    }
    hosts.host("H4").signal("CONT");
    Await.until(
        () ->
            assertThat(hosts.host("H4").said().substring(said))
                .contains("was put out of the cluster"));
    var after = ask(insiders);
    hosts.awaitUp("H4");
    var acted = new ArrayList<CallAnswer>();
    for (var spec : specs) {
      var name = spec.module().value();
      hosts.awaitWhole(spec);
      for (var asked : List.of(meanwhile, after)) {
        assertThat(insiders.get(name).answers(asked.get(name)))
            .as("what the stale copy of %s answered", name)
            .noneMatch(CallAnswer.Replied.class::isInstance);
      }
      assertThat(adds(spec)).as(name).isEqualTo(12);
      breaks(spec);
      assertThat(adds(spec)).as("%s, after one more fail-over", name).isEqualTo(13);
      acted.addAll(insiders.get(name).answers(meanwhile.get(name)));
    }
    return acted;
  }

  private static Set<String> reasons(List<CallAnswer> answers) {
    return answers.stream()
        .map(
            it ->
                it instanceof CallAnswer.NotPrimary(var id, var copy, var reason)
                    ? reason
                    : it.toString())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private long adds(ModuleSpec spec) throws Exception {
    try (var module = hosts.client().module(spec.module(), Tally.CODEC)) {
      return module.ask(new Tally.Command.Add()).toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
  }

  private void breaks(ModuleSpec spec) throws Exception {
    try (var module = hosts.client().module(spec.module(), Tally.CODEC)) {
      var command = new Tally.Command.Break(Tally.How.THROW, hosts.breaking());
      module.ask(command).toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
  }
}
