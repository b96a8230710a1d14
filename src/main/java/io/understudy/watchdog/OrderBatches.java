package io.understudy.watchdog;

import io.understudy.model.CopyOrder;
import io.understudy.model.Detection;
import io.understudy.model.Launch;
import io.understudy.model.SanityCheck;
import io.understudy.state.Batches;
import java.util.List;

/** Orders for one host as they go together in messages. */
public final class OrderBatches {
  /** About what an order takes besides the texts of its registration. */
  private static final int ORDER_BYTES = 1250;

  private static final int MEMBER_BYTES = 200;

  private OrderBatches() {}

  /** All of them, in their order, in lists that are short enough for a message. */
  public static List<List<CopyOrder>> of(List<CopyOrder> orders) {
    return Batches.of(orders, OrderBatches::bytes);
  }

  private static int bytes(CopyOrder order) {
    var members = order.group().map(group -> group.members().size()).orElse(0);
    return ORDER_BYTES + members * MEMBER_BYTES + texts(order.launch());
  }

  private static int texts(Launch launch) {
    return launch.location().text().length() + bytes(launch.arguments()) + check(launch);
  }

  private static int check(Launch launch) {
    return launch.detection() instanceof Detection.Polling polling
            && polling.sanity().orElse(null) instanceof SanityCheck.Command(var command)
        ? bytes(command)
        : 0;
  }

  private static int bytes(List<String> texts) {
    return texts.stream().mapToInt(text -> text.length() + Integer.BYTES).sum();
  }
}
