package io.understudy.launcher;

import io.understudy.management.OperatorToken;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds, before anything starts, what would keep a node from starting. */
final class Preflight {
  private Preflight() {}

  /** That everything a node listens on is free, and that its folder can be written. */
  static void check(NodeSettings settings) {
    writable(settings.data(), "understudy.data or --data");
    free(settings.address(), settings.port(), "understudy.address and port");
    var management = settings.management();
    free(management.address(), management.port(), "understudy.management.address and port");
    if (settings.hasRole(NodeSettings.WATCHDOG)) {
      var api = settings.config().getConfig("understudy.watchdog.api");
      free(
          api.getString("address"), api.getInt("port"), "understudy.watchdog.api.address and port");
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

  /** Also for the Checkpoint Server. */
  static void free(String address, int port, String settings) {
    var at = new InetSocketAddress(address, port);
    if (at.isUnresolved()) {
      throw new Complaint(
          Complaint.REFUSED,
          "address %s is unknown; set %s to an address of this machine"
              .formatted(address, settings));
    }
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
      return new OperatorToken(
          settings.token().get(), TokenSource.ENVIRONMENT + " or understudy.management.token");
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
      throw new Complaint(Complaint.USAGE, "operator token: " + e.getMessage());
    }
  }
}
