package io.understudy.manager;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.understudy.Samples;
import io.understudy.superwatchdog.SuperWatchDogProtocol;
import io.understudy.watchdog.WatchDogProtocol;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.jackson.JacksonCborSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every message can travel between nodes. */
class ProtocolTest {
  private static final int SAMPLES = 20;

  /** Parts of messages, and what is said within one JVM only. */
  private static final Set<Class<?>> NOT_SENT =
      Set.of(
          ManagerProtocol.Table.class,
          ManagerProtocol.Primary.class,
          SuperWatchDogProtocol.HostHeard.class,
          SuperWatchDogProtocol.HungUp.class,
          WatchDogProtocol.HostUp.class,
          WatchDogProtocol.Observed.class,
          WatchDogProtocol.SyncChanged.class,
          WatchDogProtocol.Heartbeat.class);

  private static final ActorTestKit KIT =
      ActorTestKit.create(
          "protocol",
          ConfigFactory.parseString(
                  """
                  pekko.persistence.journal.auto-start-journals = []
                  pekko.persistence.snapshot-store.auto-start-snapshot-stores = []
                  """)
              .withFallback(ConfigFactory.load()));

  static Stream<Class<?>> messages() {
    return Stream.of(
            ManagerProtocol.class,
            SuperWatchDogProtocol.class,
            WatchDogProtocol.class,
            Detour.class)
        .flatMap(protocol -> Arrays.stream(protocol.getDeclaredClasses()))
        .filter(type -> type.isRecord() && !NOT_SENT.contains(type));
  }

  @AfterAll
  static void end() {
    KIT.shutdownTestKit();
  }

  @ParameterizedTest(name = "{0} arrives on another node as it was sent")
  @MethodSource("messages")
  void everyMessageRoundTrips(Class<?> type) throws Exception {
    var serialization = SerializationExtension.get(KIT.system());
    assertThat(serialization.serializerFor(type)).isInstanceOf(JacksonCborSerializer.class);
    var probe = KIT.createTestProbe();
    var samples = new Samples(type.getName().hashCode()).with(ActorRef.class, probe::getRef);
    for (Object message : samples.listOf(type, SAMPLES)) {
      KIT.serializationTestKit().verifySerialization(message, true);
    }
  }
}
