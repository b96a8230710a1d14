package io.understudy.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.understudy.Await;
import io.understudy.bench.CounterModule;
import io.understudy.bench.RegisterModule;
import io.understudy.client.ModuleRef;
import io.understudy.client.Registration;
import io.understudy.client.RequestLimits;
import io.understudy.client.UnderstudyClient;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateSpec;
import io.understudy.module.CallCodec;
import io.understudy.module.JacksonCodec;
import io.understudy.state.Bytes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;

/**
 * Clients in a process of their own, for hosts that only such a process reaches: an application
 * that joins the cluster, registers counters and registers, warm and hot, and goes on asking them.
 *
 * <p>It takes commands on its standard input, one on a line, and answers each with a line: {@link
 * #MORE} waits until every module has answered some more, {@link #END} ends all clients and says
 * what is wrong. A line that does not begin with {@link #OK} says why.
 */
public final class DistantClients {
  /** The command that is followed by how many answers more. */
  public static final String MORE = "more";

  /** The last command. */
  public static final String END = "end";

  /** How every answer begins that complains of nothing. */
  public static final String OK = "ok";

  private static final int DEGREE = 3;
  private static final int INCREMENTS_PER_SECOND = 100;

  /** Outcomes stay known, whatever a fault lasts. */
  private static final RequestLimits LIMITS = RequestLimits.DEFAULT.withPatience(Await.LONG);

  private final UnderstudyClient client;
  private final List<String> hosts;
  private final List<Load<CounterModule.Command>> loads = new ArrayList<>();
  private final List<Scribes> scribes = new ArrayList<>();

  private DistantClients(UnderstudyClient client, List<String> hosts) {
    this.client = client;
    this.hosts = hosts;
  }

  /** The process; its arguments are its own address, the seeds', the hosts and a seed of chance. */
  public static void main(String[] arguments) throws Exception {
    var clients =
        new DistantClients(
            UnderstudyClient.create(joined(arguments[0], List.of(arguments[1].split(",")))),
            List.of(arguments[2].split(",")));
    clients.begin(Long.parseLong(arguments[3]));
    System.out.println(OK);
    clients.serve();
    Runtime.getRuntime().halt(0); // the hosts end as well, so there is nobody to say goodbye to
  }

  private static ActorSystem<Void> joined(String address, List<String> seeds) {
    var own =
        Map.of(
            "pekko.remote.artery.canonical.hostname",
            address,
            "pekko.remote.artery.canonical.port",
            0,
            "pekko.cluster.seed-nodes",
            seeds.stream().map("pekko://understudy@%s"::formatted).toList());
    var system =
        ActorSystem.<Void>create(
            Behaviors.empty(),
            "understudy",
            ConfigFactory.parseMap(own)
                .withFallback(ConfigFactory.parseResources("understudy-cluster.conf"))
                .withFallback(ConfigFactory.load())
                .resolve());
    var cluster = Cluster.get(system);
    Await.until(() -> assertThat(cluster.selfMember().status()).isEqualTo(MemberStatus.up()));
    return system;
  }

  private void begin(long seed) throws InterruptedException {
    for (var style : List.of(ReplicationStyle.WARM, ReplicationStyle.HOT)) {
      var counter = register("counter-" + style, CounterModule.class, style);
      var ref = module(counter, new CounterModule().codec());
      var add = new CounterModule.Command.Add(Bytes.EMPTY);
      loads.add(Load.start(ref, add, new CounterModule.Command.Read(), INCREMENTS_PER_SECOND));
      var registers = register("registers-" + style, RegisterModule.class, style);
      var codec = JacksonCodec.calls(RegisterModule.Command.class, RegisterModule.Answer.class);
      scribes.add(Scribes.start(module(registers, codec), seed));
    }
    more(1);
  }

  private <C, R> ModuleRef<C, R> module(ModuleSpec spec, CallCodec<C, R> codec) {
    return client.module(spec.module(), codec, LIMITS);
  }

  /** Each prefers another host, so that a host that fails is the primary of some. */
  private ModuleSpec register(String name, Class<?> module, ReplicationStyle style) {
    var on = new ArrayList<>(hosts);
    Collections.rotate(on, -(loads.size() + scribes.size()));
    var spec = RealHosts.spec(name, module, on, style, DEGREE, StateSpec.DEFAULT);
    var answer = client.register(spec).toCompletableFuture().join();
    assertThat(answer).isInstanceOf(Registration.Registered.class);
    return spec;
  }

  private void serve() throws IOException {
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      System.out.println(answer(line.split(" ")).replace('\n', ' '));
    }
  }

  private String answer(String[] words) {
    try {
      return switch (words[0]) {
        case MORE -> more(Integer.parseInt(words[1]));
        case END -> end();
        default -> "no command: " + words[0];
      };
    } catch (Exception | AssertionError e) {
      return "%s, caused by %s: %s %s".formatted(e, e.getCause(), loads, sizes());
    }
  }

  private String more(int answers) throws InterruptedException {
    for (var load : loads) {
      load.awaitMore(answers);
    }
    for (var some : scribes) {
      some.awaitMore(answers);
    }
    return OK;
  }

  private List<Integer> sizes() {
    return scribes.stream().map(Scribes::size).toList();
  }

  private String end() throws Exception {
    var wrong = new ArrayList<String>();
    for (var load : loads) {
      load.end().forEach(what -> wrong.add("%s: %s".formatted(load, what)));
    }
    for (var some : scribes) {
      some.end().ifPresent(violation -> wrong.add("%s: %s".formatted(some, violation)));
    }
    return wrong.isEmpty() ? "%s: %s %s".formatted(OK, loads, scribes) : wrong.toString();
  }
}
