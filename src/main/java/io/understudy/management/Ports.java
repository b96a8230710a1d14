package io.understudy.management;

import io.understudy.manager.ManagerProtocol;
import io.understudy.model.HostId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What management talks to on its node.
 *
 * @param manager reaches the ReplicaManager wherever it runs
 * @param around nodes that may reach it while this one does not; none while it does
 * @param events the journal, where the node can read it; the manager's node always can
 * @param unready why this node is not ready, or empty when it is
 */
public record Ports(
    HostId host,
    ActorRef<ManagerProtocol.Command> manager,
    Supplier<List<Address>> around,
    Optional<EventsSource> events,
    OperatorToken token,
    Supplier<CompletionStage<Optional<String>>> unready) {}
