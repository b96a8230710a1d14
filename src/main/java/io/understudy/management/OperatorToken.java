package io.understudy.management;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The secret of those who may register what a host will run.
 *
 * @param source where it comes from, for errors
 */
public record OperatorToken(String secret, String source) {
  private static final int BYTES = 32;
  private static final String BEARER = "Bearer ";

  /** Not the secret. */
  @Override
  public String toString() {
    return "OperatorToken from " + source;
  }

  /**
   * Reads the file, or makes it, for its owner alone, if there is none. Nodes that start at once
   * and share the file agree on one token.
   */
  public static OperatorToken in(Path file) throws IOException {
    if (!Files.exists(file)) {
      make(file);
    }
    var secret = secret(file);
    if (secret.isEmpty()) {
      throw new IOException(
          "operator token %s is empty; delete the file and the node makes a new one"
              .formatted(file));
    }
    var refusal = refusal(secret, file.toString());
    if (refusal.isPresent()) {
      throw new IOException(refusal.get());
    }
    return new OperatorToken(secret, file.toString());
  }

  /** Without what is around it; a text that is not in UTF-8 has no secret that can be sent. */
  private static String secret(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip();
  }

  /** Why nobody could send this secret, or empty. */
  public static Optional<String> refusal(String secret, String source) {
    return secret.matches("[\\x21-\\x7e]*")
        ? Optional.empty()
        : Optional.of(
            "operator token of %s cannot be sent over HTTP; it is one line of letters, digits and"
                    .formatted(source)
                + " signs of ASCII, without spaces");
  }

  /** Written whole under another name first: nobody ever reads half a token. */
  private static void make(Path file) throws IOException {
    var folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    var ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    var draft = Files.createTempFile(folder, ".operator", ".token", ownerOnly);
    try {
      var bytes = new byte[BYTES];
      new SecureRandom().nextBytes(bytes);
      Files.writeString(draft, HexFormat.of().formatHex(bytes) + "\n");
      Files.createLink(file, draft);
    } catch (FileAlreadyExistsException e) {
      return; // another node of this machine was faster
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  /**
   * Lets the caller in, or says what is missing. Takes as long for a near miss as for a far one.
   */
  void check(String authorization) {
    if (authorization.isEmpty()) {
      throw Problem.unauthorized(
          "writes need the operator token; send Authorization: Bearer TOKEN with the token from "
              + source);
    }
    var given =
        authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
            ? authorization.substring(BEARER.length()).strip()
            : authorization;
    if (!MessageDigest.isEqual(bytes(given), bytes(secret))) {
      throw Problem.unauthorized(
          "this is not the operator token of the node that was asked; its token is in " + source);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
