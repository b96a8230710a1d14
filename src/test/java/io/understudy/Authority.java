package io.understudy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.security.auth.x500.X500Principal;

/**
 * A certificate authority that lasts for one test, and issues what a real one would. Neither the
 * JDK nor what is on the class path makes certificates, and {@code keytool} takes half a second for
 * each step.
 */
public final class Authority {
  private static final byte[] SHA256_WITH_RSA = hex("300D06092A864886F70D01010B0500");
  private static final String BASIC_CONSTRAINTS = "0603551D13";
  private static final String EXTENDED_KEY_USAGE = "0603551D25";
  private static final String ALTERNATIVE_NAMES = "0603551D11";
  private static final String FOR_SERVERS = "06082B06010505070301";

  private static final Duration DAY = Duration.ofDays(1);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

  private final Path folder;
  private final String name;
  private final KeyPair keys = keys("RSA", 2048);
  private final Path certificate;
  private int issued;

  /** Its certificate, and all it issues, is written to the folder. */
  public Authority(Path folder, String name) {
    this.folder = folder;
    this.name = name;
    var extension = extension(BASIC_CONSTRAINTS, der(0x30, hex("0101FF")));
    this.certificate = write(pem("CERTIFICATE", signed("CN=" + name, keys, DAY, extension)));
  }

  /** Its own certificate. */
  public Path certificate() {
    return certificate;
  }

  /** What a node is given. */
  public record Issued(Path certificate, Path key, Path authority) {
    /** As settings. */
    public Map<String, Object> settings() {
      return Map.of(
          "understudy.tls.certificate", certificate.toString(),
          "understudy.tls.key", key.toString(),
          "understudy.tls.authority", authority.toString());
    }

    private KeyManager[] keyManagers() throws GeneralSecurityException {
      try (var in = Files.newInputStream(certificate)) {
        var text = Files.readString(key).replaceAll("-----.*-----", "");
        var secret =
            KeyFactory.getInstance("RSA")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(text)));
        var chain = CertificateFactory.getInstance("X.509").generateCertificate(in);
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("client", secret, new char[0], new Certificate[] {chain});
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** For a client that shows this certificate, if any, and takes anybody for its server. */
  public static SSLContext careless(Optional<Issued> client) {
    try {
      var context = SSLContext.getInstance("TLSv1.3");
      var keys = client.isPresent() ? client.get().keyManagers() : new KeyManager[0];
      context.init(keys, new TrustManager[] {new Careless()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static final class Careless extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  /** As it should be: for this subject, as in {@code CN=understudy}. */
  public Issued issue(String subject) {
    return issue(subject, keys("RSA", 2048), DAY);
  }

  /** With a key that is none of RSA. */
  public Issued issueElliptic(String subject) {
    return issue(subject, keys("EC", 256), DAY);
  }

  /** That was valid until a while ago. */
  public Issued issueExpired(String subject) {
    return issue(subject, keys("RSA", 2048), DAY.negated());
  }

  /** With which no client may come. */
  public Issued issueForServers(String subject) {
    var usage = extension(EXTENDED_KEY_USAGE, der(0x30, hex(FOR_SERVERS)));
    return issue(subject, keys("RSA", 2048), DAY, usage);
  }

  /** With a DNS name beside its subject. */
  public Issued issueNamed(String subject, String dnsName) {
    var names = der(0x30, der(0x82, dnsName.getBytes(StandardCharsets.US_ASCII)));
    return issue(subject, keys("RSA", 2048), DAY, extension(ALTERNATIVE_NAMES, names));
  }

  private Issued issue(String subject, KeyPair holder, Duration lasts, byte[]... extensions) {
    return new Issued(
        write(pem("CERTIFICATE", signed(subject, holder, lasts, extensions))),
        write(pem("PRIVATE KEY", holder.getPrivate().getEncoded())),
        certificate);
  }

  /** RFC 5280, section 4.1. */
  private byte[] signed(String subject, KeyPair holder, Duration lasts, byte[]... extensions) {
    var now = Instant.now();
    var content =
        der(
            0x30,
            hex("A003020102"), // version 3
            der(0x02, new byte[] {(byte) ++issued}),
            SHA256_WITH_RSA,
            new X500Principal("CN=" + name).getEncoded(),
            der(0x30, time(now.minus(DAY.multipliedBy(3))), time(now.plus(lasts))),
            new X500Principal(subject).getEncoded(),
            holder.getPublic().getEncoded(),
            extensions.length == 0 ? new byte[0] : der(0xA3, der(0x30, extensions)));
    return der(0x30, content, SHA256_WITH_RSA, der(0x03, new byte[1], signature(content)));
  }

  private byte[] signature(byte[] content) {
    try {
      var signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(keys.getPrivate());
      signature.update(content);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static KeyPair keys(String algorithm, int bits) {
    try {
      var generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(bits);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] extension(String id, byte[] value) {
    return der(0x30, hex(id), der(0x04, value));
  }

  private static byte[] time(Instant at) {
    return der(0x17, TIME.format(at).getBytes(StandardCharsets.US_ASCII));
  }

  /** A value of ASN.1 as X.690 writes it: what it is, how long, and its parts. */
  private static byte[] der(int tag, byte[]... parts) {
    var content = new ByteArrayOutputStream();
    Stream.of(parts).forEach(content::writeBytes);
    var length = content.size();
    var whole = new ByteArrayOutputStream();
    whole.write(tag);
    if (length >= 0x80) {
      whole.write(0x82);
      whole.write(length >> 8);
    }
    whole.write(length);
    whole.writeBytes(content.toByteArray());
    return whole.toByteArray();
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  private static String pem(String what, byte[] bytes) {
    var text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return String.join(
        "\n", List.of("-----BEGIN " + what + "-----", text, "-----END " + what + "-----", ""));
  }

  private Path write(String text) {
    try {
      return Files.writeString(Files.createTempFile(folder, name, ".pem"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
