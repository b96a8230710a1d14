package io.understudy.model;

import java.util.OptionalLong;

/**
 * The name of one life of a WatchDog: its node's name, a slash, and how many lives of WatchDogs
 * that node has seen. A node's name is its remoting address, a hash sign, and what tells it from an
 * earlier process at the same address.
 */
public final class Incarnation {
  private Incarnation() {}

  /** The name of a node: unique among all processes that were ever at this address. */
  public static String node(String address, long uid) {
    return address + "#" + unsigned(uid); // without a format, since it is asked for all the time
  }

  /** As {@link Long#toUnsignedString(long, int)}, which makes big numbers for that. */
  private static String unsigned(long number) {
    var rest = Long.divideUnsigned(number, Character.MAX_RADIX);
    var last = (int) Long.remainderUnsigned(number, Character.MAX_RADIX);
    var digit = Character.forDigit(last, Character.MAX_RADIX);
    return rest == 0 ? "" + digit : Long.toString(rest, Character.MAX_RADIX) + digit;
  }

  /** The name of the n-th life on a node. */
  public static String of(String node, long n) {
    return "%s/%d".formatted(node, n);
  }

  /** Whether this names a process at an address. */
  public static boolean isNode(String name) {
    return name.indexOf('#') >= 0 && name.indexOf('/') < 0;
  }

  /** The node of an incarnation; a node is its own. */
  public static String nodeOf(String subject) {
    var slash = subject.lastIndexOf('/');
    return slash < 0 ? subject : subject.substring(0, slash);
  }

  /** The remoting address, host:port, of a node or an incarnation. */
  public static String addressOf(String subject) {
    var node = nodeOf(subject);
    var hash = node.lastIndexOf('#');
    return hash < 0 ? node : node.substring(0, hash);
  }

  /** Whether both are lives on one node, and the first is the later. */
  public static boolean supersedes(String later, String earlier) {
    var a = number(later);
    var b = number(earlier);
    return a.isPresent()
        && b.isPresent()
        && a.getAsLong() > b.getAsLong()
        && nodeOf(later).equals(nodeOf(earlier));
  }

  private static OptionalLong number(String subject) {
    var digits = subject.substring(subject.lastIndexOf('/') + 1);
    return subject.indexOf('/') >= 0 && digits.matches("[0-9]{1,18}")
        ? OptionalLong.of(Long.parseLong(digits))
        : OptionalLong.empty();
  }
}
