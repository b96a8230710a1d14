package io.understudy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.model.ModuleSpec;
import io.understudy.superwatchdog.Steps.Step;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * A host that was killed or fell silent, and the modules whose primaries it had.
 *
 * @param mark what the witness had heard before
 * @param lost the modules, as the table had them before
 */
record HostDeath(Trials all, BenchNode node, Moment moment, int mark, List<Lost> lost) {

  /** A module, and its epoch before the death. */
  record Lost(ModuleSpec spec, long epoch) {}

  /** Kills it when all is at rest. */
  static HostDeath of(Trials all, BenchNode node, List<ModuleSpec> specs) {
    return of(all, node, specs, BenchNode::kill);
  }

  /** Has it fail, when all is at rest, by what then tells the moment. */
  static HostDeath of(
      Trials all, BenchNode node, List<ModuleSpec> specs, Function<BenchNode, Moment> failure) {
    var before = specs.stream().map(spec -> before(all, spec, node.host())).toList();
    LockSupport.parkNanos(Trials.HOST_REST.toNanos());
    var mark = all.witness().mark();
    var moment = failure.apply(node);
    return new HostDeath(
        all, node, moment, mark, before.stream().flatMap(Optional::stream).toList());
  }

  private static Optional<Lost> before(Trials all, ModuleSpec spec, String host) {
    var module = all.cluster().awaitProtected(spec, it -> true);
    return Optional.of(new Lost(spec, PromotionTrials.epoch(module)))
        .filter(lost -> host(module).equals(host));
  }

  static String host(JsonNode module) {
    return Trials.primary(module).path("host").asText();
  }

  /** When a backup of a module had confirmed, or had been told, that it is the primary. */
  long seen(Sighting.Event event, Lost module) {
    return all.witness()
        .await(
            "%s to be promoted elsewhere".formatted(module.spec().module()),
            mark,
            Trials.PATIENCE,
            seen -> Trials.is(seen, event, module.spec()) && seen.epoch() > module.epoch())
        .nanos();
  }

  /** The steps that were taken after it, which is known for all when the recovery is over. */
  List<Taken> steps() {
    return all.cluster().steps(moment);
  }

  /** When the first took this step. */
  static OptionalLong first(List<Taken> taken, Step step) {
    return taken.stream().filter(it -> it.step() == step).mapToLong(Taken::nanos).min();
  }

  /** Adds these steps as far as they were taken. */
  static Shares.Path follow(Shares.Path path, List<Taken> taken, Step... steps) {
    for (Step step : steps) {
      first(taken, step).ifPresent(at -> path.to(step.name().toLowerCase(Locale.ROOT), at));
    }
    return path;
  }

  /** Starts the host again, as a fresh incarnation. */
  void over() throws IOException {
    node.startAgain();
    all.cluster().awaitUp(node);
  }
}
