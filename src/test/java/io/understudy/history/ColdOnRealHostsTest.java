package io.understudy.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CheckpointPolicy.Periodic;
import io.understudy.model.FailoverStrategy;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Cold programs, as processes on hosts that are processes, that are stored now and then. An update
 * counts once, so the number of the last one in a checkpoint is the count to go on from.
 */
@Tag("slow")
@Order(6)
class ColdOnRealHostsTest {
  private static final Path PROGRAM = SharedHosts.PROGRAMS.resolve("counter");
  private static final int EVERY = 20;
  private static final Duration NEVER = Duration.ofDays(1);

  @RegisterExtension private static final SharedHosts SHARED = SharedHosts.kept();

  private static RealHosts hosts;

  @BeforeAll
  static void start() throws Exception {
    hosts = SHARED.up();
  }

  private static ModuleSpec spec(String name, int port, Periodic policy) {
    var state = StateSpec.DEFAULT.withCheckpoint(policy);
    return hosts.programs(name, PROGRAM, port, ReplicationStyle.COLD, 4, state);
  }

  /** What is killed. */
  private enum Fault {
    PROGRAMS,
    NODE,
    /** And the programs that run elsewhere, so that all fail over while nobody manages. */
    MANAGERS_NODE
  }

  @Test
  @DisplayName(
      "[20][44][68] kill -9 of the program, of its node, of the manager's node: cold goes on from"
          + " its last checkpoint, by updates and by time, on another host and in place")
  void goesOn() throws Exception {
    var byUpdates = new Periodic(EVERY, NEVER);
    var updates = new ColdCounter(hosts, spec("U", 9005, byUpdates), 9005);
    var time =
        new ColdCounter(
            hosts, spec("T", 9006, new Periodic(100_000, Duration.ofMillis(200))), 9006);
    var inPlace =
        new ColdCounter(
            hosts,
            spec("R", 9007, byUpdates).withFailover(new FailoverStrategy.OnOverThreshold(10)),
            9007);
    var all = List.of(updates, time, inPlace);
    all.forEach(counter -> hosts.register(counter.spec()));
    for (var fault : Fault.values()) {
      updates.count(2 * EVERY + EVERY / 2, EVERY);
      inPlace.count(2 * EVERY + EVERY / 2, EVERY);
      time.count(EVERY, 1);
      var where = inPlace.host();
      var killed = kill(fault, all);
      for (var counter : all) {
        counter.assertGoesOn();
      }
      if (fault == Fault.PROGRAMS) {
        assertThat(inPlace.host()).as("restarted in place").isEqualTo(where);
      }
      for (String host : killed) {
        hosts.host(host).startAgain();
        hosts.awaitUp(host);
      }
      hosts.awaitRing();
      all.forEach(counter -> hosts.awaitWhole(counter.spec()));
      Figures.say("cold, after %s: %s", fault, all);
    }
  }

  /** The nodes that are dead now. */
  private static TreeSet<String> kill(Fault fault, List<ColdCounter> all) throws Exception {
    var nodes = new TreeSet<String>();
    switch (fault) {
      case PROGRAMS -> {}
      case NODE -> nodes.add(all.getFirst().host());
      case MANAGERS_NODE -> nodes.add(hosts.manager());
    }
    var programs = new ArrayList<Long>();
    for (var counter : all) {
      if (nodes.contains(counter.host())) {
        counter.expectFailover();
      } else if (fault != Fault.NODE) {
        counter.expectFailover();
        programs.add(counter.pid());
      }
    }
    for (String node : nodes) {
      hosts.host(node).kill();
    }
    for (long program : programs) {
      RealHost.signal("KILL", program);
    }
    return nodes;
  }
}
