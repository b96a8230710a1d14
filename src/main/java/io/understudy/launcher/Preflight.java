package io.understudy.launcher;

import io.understudy.management.OperatorToken;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Finds, before anything starts, what would keep a node from starting. */
final class Preflight {
  private static final int LAST_PORT = 65_535;

  private Preflight() {}

  /** That everything a node listens on is free, and that its folder can be written. */
  static void check(NodeSettings settings) {
    writable(settings.data(), "understudy.data or --data");
    free(settings.address(), settings.port(), "understudy.address and port");
    var management = settings.management();
    apart(settings);
    if (settings.hasRole(NodeSettings.MANAGER)) {
      free(settings.address(), settings.pulsePort(), "understudy.pulse-port");
    }
    free(management.address(), management.port(), "understudy.management.address and port");
    if (settings.hasRole(NodeSettings.WATCHDOG)) {
      var api = settings.config().getConfig("understudy.watchdog.api");
      free(
          api.getString("address"), api.getInt("port"), "understudy.watchdog.api.address and port");
    }
  }

  /** Each of them is free before the node listens on any: two may be the same. */
  private static void apart(NodeSettings settings) {
    var management = settings.management();
    var listens = new HashMap<String, String>();
    listens.put(settings.at(), "understudy.port");
    if (settings.hasRole(NodeSettings.MANAGER)) {
      both(listens, settings.address(), settings.pulsePort(), "understudy.pulse-port");
    }
    both(listens, management.address(), management.port(), "understudy.management.port");
  }

  private static void both(Map<String, String> listens, String address, int port, String setting) {
    var other = listens.put(address + ":" + port, setting);
    if (other != null && port > 0) {
      throw new Complaint(
          Complaint.USAGE,
          "%s and %s are both %d on %s; change one of them"
              .formatted(other, setting, port, address));
    }
  }

  static void writable(Path folder, String setting) {
    try {
      Files.createDirectories(folder);
      if (Files.isWritable(folder)) {
        return;
      }
    } catch (IOException e) {
      throw unwritable(folder, setting);
    }
    throw unwritable(folder, setting);
  }

  private static Complaint unwritable(Path folder, String setting) {
    return new Complaint(
        Complaint.USAGE,
        "folder %s cannot be written; set %s to a folder that this user can write"
            .formatted(folder, setting));
  }

  /** An address that is known, of this machine or another. Also for the Checkpoint Server. */
  static InetSocketAddress known(String address, int port, String settings) {
    if (port < 0 || port > LAST_PORT) {
      throw new Complaint(
          Complaint.USAGE,
          "port %d is not possible; set %s to a port from 0 to %d"
              .formatted(port, settings, LAST_PORT));
    }
    var at = new InetSocketAddress(address, port);
    if (at.isUnresolved()) {
      throw new Complaint(
          Complaint.REFUSED,
          "address %s is unknown; set %s to an address of this machine"
              .formatted(address, settings));
    }
    return at;
  }

  /** Also for the Checkpoint Server. */
  static void free(String address, int port, String settings) {
    var at = known(address, port, settings);
    try (var socket = new ServerSocket()) {
      socket.bind(at);
    } catch (BindException e) {
      throw new Complaint(Complaint.REFUSED, refusal(e, address, port, settings));
    } catch (IOException e) {
      throw new Complaint(
          Complaint.REFUSED,
          "%s:%d cannot be listened on: %s; change %s"
              .formatted(address, port, e.getMessage(), settings));
    }
  }

  private static String refusal(BindException e, String address, int port, String settings) {
    return String.valueOf(e.getMessage()).contains("assign")
        ? "address %s is not one of this machine; set %s to one that is"
            .formatted(address, settings)
        : "port %d of %s is in use by another program; stop that, or change %s"
            .formatted(port, address, settings);
  }

  static OperatorToken token(NodeSettings.Management settings) {
    if (settings.token().isPresent()) {
      var source = TokenSource.ENVIRONMENT + " or understudy.management.token";
      var secret = settings.token().get().strip();
      OperatorToken.refusal(secret, source).ifPresent(Preflight::refuse);
      return new OperatorToken(secret, source);
    }
    try {
      return OperatorToken.in(settings.tokenFile());
    } catch (AccessDeniedException e) {
      throw new Complaint(
          Complaint.USAGE,
          "operator token %s belongs to another user; run the node as that user, or set"
                  .formatted(settings.tokenFile())
              + " understudy.management.token-file");
    } catch (IOException e) {
      throw new Complaint(
          Complaint.USAGE, "operator token %s: %s".formatted(settings.tokenFile(), e.getMessage()));
    }
  }

  private static void refuse(String reason) {
    throw new Complaint(Complaint.USAGE, reason);
  }
}
