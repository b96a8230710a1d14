package io.understudy.superwatchdog;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Shows that a datagram comes from a node of this cluster, by a code over its bytes that takes a
 * secret which the nodes share (HMAC, RFC 2104). Without a secret anybody is believed. What
 * somebody else sends again changes nothing: a beat counts only while it is news.
 */
public final class Seal {
  /** For a network that is trusted. */
  public static final Seal NONE = new Seal(Optional.empty());

  private static final String ALGORITHM = "HmacSHA256";

  /** Half of what the algorithm gives, which RFC 2104 allows. */
  private static final int CODE_BYTES = 16;

  private final Optional<SecretKeySpec> key;

  private Seal(Optional<SecretKeySpec> key) {
    this.key = key;
  }

  /** With this secret; empty for none. */
  public static Seal of(String secret) {
    return secret.isEmpty()
        ? NONE
        : new Seal(
            Optional.of(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM)));
  }

  /** With a code at the end. */
  byte[] sealed(byte[] bytes) {
    if (key.isEmpty()) {
      return bytes;
    }
    var sealed = Arrays.copyOf(bytes, bytes.length + CODE_BYTES);
    System.arraycopy(code(key.get(), bytes), 0, sealed, bytes.length, CODE_BYTES);
    return sealed;
  }

  /** Without the code; empty when that is not from anybody who has the secret. */
  Optional<byte[]> opened(byte[] sealed) {
    if (key.isEmpty()) {
      return Optional.of(sealed);
    }
    if (sealed.length < CODE_BYTES) {
      return Optional.empty();
    }
    var bytes = Arrays.copyOf(sealed, sealed.length - CODE_BYTES);
    var code = Arrays.copyOfRange(sealed, bytes.length, sealed.length);
    var right = Arrays.copyOf(code(key.get(), bytes), CODE_BYTES);
    return MessageDigest.isEqual(right, code) ? Optional.of(bytes) : Optional.empty();
  }

  private static byte[] code(SecretKeySpec key, byte[] bytes) {
    try {
      var mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }
}
