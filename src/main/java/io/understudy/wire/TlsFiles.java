package io.understudy.wire;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.apache.pekko.pki.pem.DERPrivateKeyLoader;
import org.apache.pekko.pki.pem.PEMDecoder;

/**
 * Refuses, before anything starts, files with which no connection would ever be made: remoting
 * reads them when it makes one, and its peers would only be silent. Throws {@link MalformedText}.
 *
 * @param settings the block that names the files
 */
record TlsFiles(Section settings, MutualTls tls) {
  private static final String BEGIN_CERTIFICATE = "-----BEGIN CERTIFICATE-----";

  /** As RFC 5280 numbers them. */
  private static final int DNS_NAME = 2;

  void check() {
    var authority = certificate(MutualTls.AUTHORITY, tls.authority());
    var certificate = certificate(MutualTls.CERTIFICATE, tls.certificate());
    var key = key();
    if (!fits(key, certificate)) {
      throw wrong(
          MutualTls.KEY,
          tls.key(),
          "does not belong to the certificate %s; give the key that it was made for"
              .formatted(tls.certificate()));
    }
    checkIssued(certificate, authority);
    checkNamed(certificate);
  }

  private X509Certificate certificate(String setting, Path file) {
    var text = text(setting, file);
    var count = text.split(BEGIN_CERTIFICATE, -1).length - 1;
    if (setting.equals(MutualTls.AUTHORITY) && count > 1) {
      throw wrong(
          setting,
          file,
          "holds %d certificates, of which only the first would count; leave one".formatted(count));
    }
    try {
      if (count > 0) {
        var certificate = parsed(text);
        certificate.checkValidity();
        return certificate;
      }
    } catch (CertificateExpiredException | CertificateNotYetValidException e) {
      throw wrong(
          setting,
          file,
          "is not valid now: %s; have a new one issued, or set the clock"
              .formatted(e.getMessage()));
    } catch (CertificateException e) {
      throw noCertificate(setting, file);
    }
    throw noCertificate(setting, file);
  }

  /** The first certificate there, which is the one that remoting takes. */
  private static X509Certificate parsed(String text) throws CertificateException {
    var bytes = new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
    return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(bytes);
  }

  private MalformedText noCertificate(String setting, Path file) {
    return wrong(
        setting,
        file,
        "holds no certificate that can be read; give a PEM file, with a block that begins with "
            + BEGIN_CERTIFICATE);
  }

  private PrivateKey key() {
    var text = text(MutualTls.KEY, tls.key());
    try {
      return DERPrivateKeyLoader.load(PEMDecoder.decode(text));
    } catch (Exception e) { // whatever the loader, which is Scala, meets in it
      throw wrong(
          MutualTls.KEY,
          tls.key(),
          "holds no key that can be read; give a PEM file with nothing but an RSA key without a"
              + " password, which begins with -----BEGIN PRIVATE KEY-----");
    }
  }

  private static boolean fits(PrivateKey key, X509Certificate certificate) {
    return key instanceof RSAKey secret
        && certificate.getPublicKey() instanceof RSAKey open
        && secret.getModulus().equals(open.getModulus());
  }

  /** By those who decide about it when a connection is made, as its server and as its client. */
  private void checkIssued(X509Certificate certificate, X509Certificate authority) {
    var chain = new X509Certificate[] {certificate, authority};
    try {
      var judge = judge(authority);
      judge.checkServerTrusted(chain, "UNKNOWN"); // as TLS 1.3 calls it
      judge.checkClientTrusted(chain, "UNKNOWN");
    } catch (CertificateException e) {
      throw wrong(
          MutualTls.CERTIFICATE,
          tls.certificate(),
          "is not accepted with the authority %s: %s; give one that this authority issued itself,"
                  .formatted(tls.authority(), e.getMessage())
              + " for servers and for clients");
    }
  }

  private static X509TrustManager judge(X509Certificate authority) {
    try {
      var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      trusted.setCertificateEntry("authority", authority);
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(trusted);
      return Stream.of(factory.getTrustManagers())
          .filter(X509TrustManager.class::isInstance)
          .map(X509TrustManager.class::cast)
          .findFirst()
          .orElseThrow();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("every JDK judges certificates", e);
    }
  }

  /** Members have a name in common, so that a certificate without one fits nobody. */
  private void checkNamed(X509Certificate certificate) {
    if (!hasCommonName(certificate) && !hasDnsName(certificate)) {
      throw wrong(
          MutualTls.CERTIFICATE,
          tls.certificate(),
          "has neither a common name nor a DNS name; have one issued with a name that all nodes of"
              + " the cluster have");
    }
  }

  private static boolean hasCommonName(X509Certificate certificate) {
    try {
      return new LdapName(certificate.getSubjectX500Principal().getName())
          .getRdns().stream().anyMatch(part -> part.getType().equalsIgnoreCase("CN"));
    } catch (InvalidNameException e) {
      return false;
    }
  }

  private static boolean hasDnsName(X509Certificate certificate) {
    try {
      return Optional.ofNullable(certificate.getSubjectAlternativeNames()).stream()
          .flatMap(names -> names.stream())
          .map(List::getFirst)
          .anyMatch(Integer.valueOf(DNS_NAME)::equals);
    } catch (CertificateException e) {
      return false;
    }
  }

  /** Their blocks are ASCII, and what stands around them is nobody's concern. */
  private String text(String setting, Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw wrong(
          setting,
          file,
          "cannot be read: %s; give the path of a PEM file that this user may read"
              .formatted(reason(e)));
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException none -> "there is no such file";
      case AccessDeniedException denied -> "access is denied";
      default -> String.valueOf(e.getMessage());
    };
  }

  private MalformedText wrong(String setting, Path file, String what) {
    return settings.malformed(setting, "= \"%s\" %s".formatted(file, what));
  }
}
