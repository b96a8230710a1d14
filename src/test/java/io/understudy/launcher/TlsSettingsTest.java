package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.understudy.Authority;
import io.understudy.Authority.Issued;
import io.understudy.wire.MutualTls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The certificates of a node: each mistake is one sentence at its start, not a silent peer. */
class TlsSettingsTest {
  @TempDir private static Path folder;
  private static Authority authority;
  private static Issued good;

  @BeforeAll
  static void make() {
    authority = new Authority(folder, "authority");
    good = authority.issue("CN=understudy");
  }

  private static NodeSettings read(Map<String, Object> tls) {
    var given = new HashMap<>(tls);
    given.put("understudy.host", "H1");
    return NodeSettings.from(SettingsFile.load(Optional.empty(), given));
  }

  private static void complains(Issued with, String... parts) {
    complains(with.settings(), parts);
  }

  private static void complains(Map<String, Object> tls, String... parts) {
    assertThatExceptionOfType(Complaint.class)
        .isThrownBy(() -> read(tls))
        .satisfies(complaint -> assertThat(complaint.exitCode()).isEqualTo(Complaint.USAGE))
        .satisfies(
            complaint -> assertThat(complaint.getMessage()).contains(parts).doesNotContain("\n"));
  }

  private static Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  @DisplayName("nothing is set => plain TCP; all of it => TLS, with these files")
  void transport() {
    var plain = read(Map.of()).pekkoConfig();
    var tls = read(good.settings()).pekkoConfig().getConfig("pekko.remote.artery");

    assertThat(plain.getString("pekko.remote.artery.transport")).isEqualTo("tcp");
    assertThat(tls.getString("transport")).isEqualTo("tls-tcp");
    assertThat(tls.getString("ssl.ssl-engine-provider")).endsWith(".RotatingKeysSSLEngineProvider");
    var files = tls.getConfig("ssl.rotating-keys-engine");
    assertThat(files.getString("cert-file")).isEqualTo(good.certificate().toString());
    assertThat(files.getString("key-file")).isEqualTo(good.key().toString());
    assertThat(files.getString("ca-cert-file")).isEqualTo(good.authority().toString());
  }

  @Test
  @DisplayName("a name may be the common name or a DNS name")
  void names() {
    assertThat(read(authority.issueNamed("O=nobody", "understudy").settings()).tls()).isPresent();
    complains(
        authority.issue("O=nobody"),
        "settings: understudy.tls.certificate = \"",
        "has neither a common name nor a DNS name; have one issued with a name that all nodes");
  }

  @Test
  void allThreeOrNone() throws IOException {
    complains(
        Map.of("understudy.tls.key", good.key().toString()),
        "settings: understudy.tls.key is set without certificate and authority; set"
            + " certificate, key and authority, or none of them");
    complains(
        Map.of("understudy.tls.keys", "x"), "understudy.tls.keys is not a known key; did you mean");
    var file =
        file("node.conf", "understudy { host = H1\n tls.authority = \"/a\", tls.key = \"\" }");
    assertThatExceptionOfType(Complaint.class)
        .isThrownBy(() -> NodeSettings.from(SettingsFile.load(Optional.of(file), Map.of())))
        .withMessageContaining(
            "understudy.tls.authority (line 2) is set without certificate and key;");
  }

  @Test
  void filesThatCannotBeRead() throws IOException {
    var none = folder.resolve("none.pem");
    complains(
        new Issued(none, good.key(), good.authority()),
        "settings: understudy.tls.certificate = \"%s\" cannot be read: there is no such file; give"
                .formatted(none)
            + " the path of a PEM file that this user may read");
    complains(
        new Issued(good.certificate(), folder, good.authority()),
        "settings: understudy.tls.key = \"%s\" cannot be read: ".formatted(folder));
  }

  @Test
  void filesThatAreNotPem() throws IOException {
    var binary = Files.write(folder.resolve("binary"), new byte[] {0x30, (byte) 0x82, 1, 2});
    var broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (Path other : new Path[] {binary, file("broken.pem", broken), good.key()}) {
      complains(
          new Issued(good.certificate(), good.key(), other),
          "settings: understudy.tls.authority = \"%s\" holds no certificate that can be read; give"
                  .formatted(other)
              + " a PEM file, with a block that begins with -----BEGIN CERTIFICATE-----");
    }
    var locked = Files.readString(good.key()).replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    var elliptic = authority.issueElliptic("CN=understudy");
    for (Path other :
        new Path[] {binary, good.certificate(), file("locked.pem", locked), elliptic.key()}) {
      complains(
          new Issued(good.certificate(), other, good.authority()),
          "settings: understudy.tls.key = \"%s\" holds no key that can be read; give a PEM file with"
                  .formatted(other)
              + " nothing but an RSA key without a password, which begins with -----BEGIN PRIVATE");
    }
  }

  @Test
  void filesThatDoNotFit() throws IOException {
    var other = authority.issue("CN=understudy");
    complains(
        new Issued(good.certificate(), other.key(), good.authority()),
        "settings: understudy.tls.key = \"%s\" does not belong to the certificate %s; give the key"
            .formatted(other.key(), good.certificate()));
    var stranger = new Authority(folder, "stranger").certificate();
    complains(
        new Issued(good.certificate(), good.key(), stranger),
        "settings: understudy.tls.certificate = \"%s\" is not accepted with the authority %s: "
            .formatted(good.certificate(), stranger),
        "; give one that this authority issued itself, for servers and for clients");
    complains(
        new Issued(good.certificate(), good.key(), other.certificate()),
        "is not accepted with the authority " + other.certificate());
    complains(
        authority.issueForServers("CN=understudy"),
        "is not accepted with the authority",
        "client authentication; give one");
    var two = Files.readString(good.authority()) + Files.readString(stranger);
    complains(
        new Issued(good.certificate(), good.key(), file("two.pem", two)),
        "two.pem\" holds 2 certificates, of which only the first would count; leave one");
  }

  @Test
  void expired() {
    complains(
        authority.issueExpired("CN=understudy"),
        "settings: understudy.tls.certificate = \"",
        "is not valid now: NotAfter: ",
        "; have a new one issued, or set the clock");
  }

  @Test
  @DisplayName("an application that has certificates speaks TLS, or is told how")
  void applications() {
    var plain =
        """
        include classpath("understudy-cluster.conf")
        understudy.tls { certificate = "%s", key = "%s", authority = "%s" }
        """
            .formatted(good.certificate(), good.key(), good.authority());
    var tls =
        plain.replace(
            "understudy.tls", "include classpath(\"understudy-tls.conf\")\nunderstudy.tls");

    MutualTls.check(application(tls));
    MutualTls.check(application("include classpath(\"understudy-cluster.conf\")"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MutualTls.check(application(plain)))
        .withMessage(
            "settings: understudy.tls is set, and pekko.remote.artery.transport is tcp; include"
                + " classpath(\"understudy-tls.conf\") after understudy-cluster.conf");
  }

  private static Config application(String text) {
    return ConfigFactory.load(ConfigFactory.parseString(text));
  }

  /** They are marked as shell, not sh: a machine without openssl builds all the same. */
  @Test
  @DisplayName("what the commands of the README make is accepted")
  void readme() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is not here");
    var block = Pattern.compile("(?ms)^```shell\\n(.*?)^```$");
    var commands = block.matcher(Files.readString(Path.of("README.md"))).results().toList();
    assertThat(commands).hasSize(1);
    var process =
        new ProcessBuilder("sh", "-ec", commands.getFirst().group(1))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(said).isZero();
    assertThat(
            read(new Issued(
                        folder.resolve("H1.pem"),
                        folder.resolve("H1.key"),
                        folder.resolve("authority.pem"))
                    .settings())
                .tls())
        .isPresent();
  }
}
