package io.understudy.model;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The copies that keep a module's state together, as the ReplicaManager has recorded it.
 *
 * @param configuration rises with every change of the group; never used twice for a module
 * @param sequencer the copy that numbers the updates: the primary, or one of the primaries of a hot
 *     module; it may have no living run, and is then no member
 * @param members every copy with a living run, in the order of registration
 * @param predecessor the last epoch of the module that had this name before, whose state is not
 *     this one's; {@link Epoch#NONE} when there was none
 */
public record StateGroup(
    long configuration, StateSpec spec, CopyId sequencer, List<Member> members, Epoch predecessor) {
  public StateGroup {
    members = List.copyOf(members);
    // From a node of before it was told.
    predecessor = Objects.requireNonNullElse(predecessor, Epoch.NONE);
  }

  /** Of a module whose name none had before. */
  public StateGroup(long configuration, StateSpec spec, CopyId sequencer, List<Member> members) {
    this(configuration, spec, sequencer, members, Epoch.NONE);
  }

  /**
   * A copy with a living run.
   *
   * @param address of its host's remoting, as host:port
   * @param inSync it has every update that has been acknowledged
   */
  public record Member(CopyId copy, long run, HostId host, String address, boolean inSync) {}

  /** The member that is this copy. */
  public Optional<Member> member(CopyId copy) {
    return members.stream().filter(member -> member.copy().equals(copy)).findFirst();
  }
}
