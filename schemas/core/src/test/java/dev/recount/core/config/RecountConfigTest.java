package dev.recount.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.core.view.Cron;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecountConfigTest {
  /** Every key with a value that is not its default. */
  private static final Map<String, String> ALL =
      Map.ofEntries(
          Map.entry("port-base", "20000"),
          Map.entry("disk.reserve", "12MiB"),
          Map.entry("kafka.bootstrap", "k:1"),
          Map.entry("pinot.controller", "http://c:1/"),
          Map.entry("pinot.broker", "http://b:2"),
          Map.entry("pinot.groups-limit", "77"),
          Map.entry("catalog.url", "jdbc:postgresql://d/r"),
          Map.entry("catalog.user", "u"),
          Map.entry("catalog.password", "secret"),
          Map.entry("events.partitions", "7"),
          Map.entry("events.retention", "1d"),
          Map.entry("events.max-size", "2MiB"),
          Map.entry("cut.grain", "5s"),
          Map.entry("cut.clock-margin", "1s"),
          Map.entry("archive.uri", "s3a://bucket/a"),
          Map.entry("archive.roll-size", "1MB"),
          Map.entry("archive.roll-age", "2m"),
          Map.entry("archive.compaction-schedule", "0 0 1 * * ?"),
          Map.entry("batch.clean-schedule", "0 0 2 * * ?"),
          Map.entry("archive.compaction-size", "3MB"),
          Map.entry("archive.compaction-files", "14"),
          Map.entry("archive.compaction-grace", "15m"),
          Map.entry("archive.retention", "16d"),
          Map.entry("lake.uri", "hdfs://n/l"),
          Map.entry("batch.threads", "3"),
          Map.entry("batch.close-wait", "4s"),
          Map.entry("batch.retries", "14"),
          Map.entry("batch.retry-pause", "15s"),
          Map.entry("batch.keep-history", "16d"),
          Map.entry("batch.keep-runs", "17"),
          Map.entry("batch.small-part", "3MiB"),
          Map.entry("batch.max-segments", "45"),
          Map.entry("batch.backfill-piece", "6MiB"),
          Map.entry("speed.trigger-interval", "100ms"),
          Map.entry("speed.max-records", "5"),
          Map.entry("speed.threads", "6"),
          Map.entry("speed.retention", "8d"),
          Map.entry("speed.distinct-horizon", "9m"),
          Map.entry("speed.distinct-memory", "1MiB"),
          Map.entry("speed.view-attempts", "7"),
          Map.entry("speed.view-retry", "13m"),
          Map.entry("speed.view-limit", "14s"),
          Map.entry("serving.default-limit", "9"),
          Map.entry("serving.max-limit", "10"),
          Map.entry("serving.timeout", "11s"),
          Map.entry("access.bind", "0.0.0.0"),
          Map.entry("access.required", "true"),
          Map.entry("access.session", "13m"),
          Map.entry("access.origins", "https://a.example, http://b.example:81"),
          Map.entry("access.tls.keystore", "/k.p12"),
          Map.entry("access.tls.password", "secret"),
          Map.entry("access.tls.port", "444"),
          Map.entry("access.jwt.jwks-url", "https://i.example/keys"),
          Map.entry("access.jwt.issuer", "https://i.example"),
          Map.entry("access.jwt.audience", "recount"),
          Map.entry("access.jwt.roles-claim", "roles"),
          Map.entry("access.jwt.views-claim", "views"),
          Map.entry("access.jwt.events-claim", "events"),
          Map.entry("serving.idle-timeout", "16s"),
          Map.entry("serving.drain-notice", "17s"),
          Map.entry("serving.drain-limit", "18s"),
          Map.entry("serving.streams.max-groups", "19"),
          Map.entry("serving.streams.max-questions", "20"),
          Map.entry("serving.streams.max-subscribers", "21"),
          Map.entry("serving.streams.longest", "22s"),
          Map.entry("serving.limits.rate", "21"),
          Map.entry("serving.limits.concurrent", "22"),
          Map.entry("serving.limits.requests", "23"),
          Map.entry("serving.limits.queries", "24"),
          Map.entry("serving.limits.queue", "25s"),
          Map.entry("serving.limits.answer-size", "26kB"),
          Map.entry("serving.cache.age", "27s"),
          Map.entry("serving.cache.size", "28kB"),
          Map.entry("log.format", "json"),
          Map.entry("health.stalled-after", "12s"),
          Map.entry("audit.history", "14d"),
          Map.entry("audit.hold", "15m"));

  @TempDir private Path home;

  private RecountConfig load(Map<String, String> environment) {
    return RecountConfig.load(home, Optional.empty(), environment);
  }

  private void write(String text) throws IOException {
    Files.writeString(home.resolve("recount.conf"), text);
  }

  @Test
  void withoutAnySetting_thereAreDefaults() {
    RecountConfig config = load(Map.of());
    assertThat(config.ports().base()).isEqualTo(8080);
    assertThat(config.kafkaBootstrap()).isEqualTo("localhost:8081");
    assertThat(config.pinot().controller()).isEqualTo("http://localhost:8085");
    assertThat(config.catalog().url()).isEmpty();
    assertThat(config.events().maxSizeBytes()).isEqualTo(1024 * 1024);
    assertThat(config.cut())
        .isEqualTo(new RecountConfig.Cut(Duration.ofSeconds(10), Duration.ZERO));
    assertThat(config.archive().uri()).isEqualTo(home.resolve("archive").toUri());
    assertThat(config.speed().retention()).isEqualTo(Duration.ofDays(7));
    assertThat(config.serving().timeout()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void everyKey_isReadFromFileAndFromEnvironment() throws IOException {
    assertThat(Settings.defaults().entrySet())
        .extracting(Map.Entry::getKey)
        .containsExactlyInAnyOrderElementsOf(ALL.keySet());
    StringBuilder file = new StringBuilder();
    java.util.HashMap<String, String> environment = new java.util.HashMap<>();
    ALL.forEach(
        (key, value) -> {
          file.append(key).append(" = \"").append(value).append("\"\n");
          environment.put(SettingNames.variableName(key), value);
        });
    RecountConfig fromEnvironment = load(environment);
    write(file.toString());
    RecountConfig fromFile = load(Map.of());

    assertThat(fromFile)
        .isEqualTo(fromEnvironment)
        .isEqualTo(
            new RecountConfig(
                new Home(home),
                new Ports(20000),
                new RecountConfig.Kafka("k:1", Map.of()),
                new RecountConfig.Pinot("http://c:1", "http://b:2", 77),
                new RecountConfig.Catalog(Optional.of("jdbc:postgresql://d/r"), "u", "secret"),
                new RecountConfig.Events(7, Duration.ofDays(1), 2 * 1024 * 1024),
                new RecountConfig.Cut(Duration.ofSeconds(5), Duration.ofSeconds(1)),
                new RecountConfig.Archive(
                    URI.create("s3a://bucket/a"),
                    1_000_000,
                    Duration.ofMinutes(2),
                    3_000_000,
                    14,
                    Duration.ofMinutes(15),
                    Duration.ofDays(16)),
                URI.create("hdfs://n/l"),
                batch(),
                new RecountConfig.Speed(
                    Duration.ofMillis(100),
                    5,
                    6,
                    Duration.ofDays(8),
                    Duration.ofMinutes(9),
                    1024 * 1024,
                    7,
                    Duration.ofMinutes(13),
                    Duration.ofSeconds(14)),
                serving(),
                access(),
                new RecountConfig.Health(Duration.ofSeconds(12)),
                new RecountConfig.Audit(Duration.ofDays(14), Duration.ofMinutes(15)),
                new RecountConfig.Crons(cron("0 0 1 * * ?"), cron("0 0 2 * * ?")),
                new RecountConfig.Log("json"),
                12 * 1024 * 1024));
    assertThat(fromFile.toString()).doesNotContain("secret");
  }

  private static RecountConfig.Serving serving() {
    return new RecountConfig.Serving(
        9,
        10,
        Duration.ofSeconds(11),
        Duration.ofSeconds(16),
        Duration.ofSeconds(17),
        Duration.ofSeconds(18),
        new RecountConfig.Streams(19, 20, 21, Duration.ofSeconds(22)),
        new ServingLimits(21, 22, 23, 24, Duration.ofSeconds(25), 26_000),
        new RecountConfig.Cache(Duration.ofSeconds(27), 28_000));
  }

  private static AccessConfig access() {
    return new AccessConfig(
        "0.0.0.0",
        true,
        Duration.ofMinutes(13),
        List.of("https://a.example", "http://b.example:81"),
        new AccessConfig.Tls(Optional.of("/k.p12"), "secret", 444),
        new AccessConfig.Jwt(
            Optional.of("https://i.example/keys"),
            "https://i.example",
            "recount",
            "roles",
            "views",
            "events"));
  }

  private static RecountConfig.Batch batch() {
    return new RecountConfig.Batch(
        3,
        Duration.ofSeconds(4),
        14,
        Duration.ofSeconds(15),
        Duration.ofDays(16),
        17,
        3 * 1024 * 1024,
        45,
        6 * 1024 * 1024);
  }

  private static Optional<Cron> cron(String text) {
    return Optional.of(Cron.of(text, ZoneId.of("UTC")));
  }

  @Test
  void crons_areChecked_andMayBeLeftOut() {
    assertThat(load(Map.of("RECOUNT_BATCH_CLEAN_SCHEDULE", "")).crons().clean()).isEmpty();
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> load(Map.of("RECOUNT_BATCH_CLEAN_SCHEDULE", "0 3 * * *")))
        .withMessageContaining("batch.clean-schedule: '0 3 * * *' is not a Quartz cron");
  }

  @Test
  void portBase_optionOverEnvironmentOverRunningStackOverFile() throws IOException {
    write("port-base = 2000");
    assertThat(load(Map.of()).ports().base()).isEqualTo(2000);
    Files.createDirectories(home.resolve("run"));
    Files.writeString(home.resolve("run/port-base"), "3000\n");
    assertThat(load(Map.of()).ports().base()).isEqualTo(3000);
    Map<String, String> environment = Map.of("RECOUNT_PORT_BASE", "4000");
    assertThat(load(environment).ports().base()).isEqualTo(4000);
    assertThat(RecountConfig.load(home, Optional.of(5000), environment).ports().base())
        .isEqualTo(5000);
  }

  @Test
  void allProblems_areListedAtOnce_withSuggestions() throws IOException {
    write(
        """
        event.partitions = 3
        cut.grain = 0s
        events.partitions = many
        archive.uri = "here"
        events.max-size = 3GiB
        """);
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> load(Map.of("RECOUNT_CUT_GRAN", "1s", "RECOUNT_HOME", "/h")))
        .withMessageContaining("unknown key 'event.partitions'")
        .withMessageContaining("the nearest known is 'events.partitions'")
        .withMessageContaining("the nearest known is 'RECOUNT_CUT_GRAIN'")
        .withMessageContaining("cut.grain must be longer than 0")
        .withMessageContaining("events.partitions has type STRING rather than NUMBER")
        .withMessageContaining("archive.uri must begin with a scheme")
        .withMessageContaining("events.max-size must be between 1 and")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID));
  }

  @Test
  void addressThatOthersReach_isRefused_withoutAccessControl() {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> load(Map.of("RECOUNT_ACCESS_BIND", "10.0.0.1")))
        .withMessageContaining("access.bind is '10.0.0.1', which other machines reach")
        .withMessageContaining("set access.required = true");
    Map<String, String> all = Map.of("RECOUNT_ACCESS_BIND", "::");
    assertThatExceptionOfType(RecountException.class).isThrownBy(() -> load(all));
    assertThat(load(Map.of("RECOUNT_ACCESS_BIND", "127.0.0.9")).access().required()).isFalse();
    assertThat(load(Map.of("RECOUNT_ACCESS_BIND", "::1")).access().bind()).isEqualTo("::1");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> load(Map.of("RECOUNT_ACCESS_BIND", "localhost.example.com")))
        .withMessageContaining("must be an IP address");
  }

  @Test
  void tokens_areAccepted_onlyForUsAndFromAKnownIssuer() {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(
            () ->
                load(
                    Map.of(
                        "RECOUNT_ACCESS_JWT_JWKS_URL", "https://i/keys",
                        "RECOUNT_ACCESS_JWT_ISSUER", "i")))
        .withMessageContaining("access.jwt.audience must be set");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> load(Map.of("RECOUNT_ACCESS_ORIGINS", "https://a.example, *")))
        .withMessageContaining("found '*'")
        .withMessageContaining("access.origins is set, and access control is off");
    for (String url :
        new String[] {
          "http://i.example/keys", "http://localhost.example/keys", "http://10.0.0.1/keys"
        }) {
      assertThatExceptionOfType(RecountException.class)
          .isThrownBy(() -> load(jwt(url)))
          .withMessageContaining("access.jwt.jwks-url must be https, or on this machine");
    }
    for (String url :
        new String[] {
          "https://i.example/keys",
          "http://localhost:1/keys",
          "http://127.0.0.1/k",
          "http://[::1]/k"
        }) {
      assertThat(load(jwt(url)).access().jwt().jwksUrl()).contains(url);
    }
  }

  private static Map<String, String> jwt(String url) {
    return Map.of(
        "RECOUNT_ACCESS_JWT_JWKS_URL", url,
        "RECOUNT_ACCESS_JWT_ISSUER", "i",
        "RECOUNT_ACCESS_JWT_AUDIENCE", "recount");
  }

  @Test
  void kafkaClient_isHandedOn_fromFileAndEnvironment_andKeptSecret() throws IOException {
    write(
        """
        kafka.client {
          security.protocol = SASL_SSL
          "sasl.mechanism" = PLAIN
          sasl.login.refresh.window.factor = 0.5
          ssl.enabled.protocols = [TLSv1.3, TLSv1.2]
        }
        """);
    RecountConfig config =
        load(
            Map.of(
                "RECOUNT_KAFKA_CLIENT_SASL_JAAS_CONFIG", "hidden",
                "RECOUNT_KAFKA_CLIENT_SASL_MECHANISM", "SCRAM-SHA-512"));
    assertThat(config.kafka().client())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "security.protocol", "SASL_SSL",
                "sasl.mechanism", "SCRAM-SHA-512",
                "sasl.login.refresh.window.factor", "0.5",
                "ssl.enabled.protocols", "TLSv1.3,TLSv1.2",
                "sasl.jaas.config", "hidden"));
    assertThat(config.toString()).contains("sasl.jaas.config").doesNotContain("hidden");
  }

  @Test
  void kafkaClient_takesWhatKafkaKnowsOfConnections_andNoMore() throws IOException {
    write(
        """
        kafka.client.security.protcol = SSL
        kafka.client.isolation.level = read_uncommitted
        """);
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> load(Map.of("RECOUNT_KAFKA_CLIENT_SSL_KEYSTOR_TYPE", "PEM")))
        .withMessageContaining("'kafka.client.security.protcol'")
        .withMessageContaining("the nearest known is 'kafka.client.security.protocol'")
        .withMessageContaining("'kafka.client.isolation.level'")
        .withMessageContaining("the nearest known is 'kafka.client.ssl.keystore.type'");
  }

  @Test
  void kafkaClient_namesThatAreNoNames_areNamed() throws IOException {
    write("kafka.client { \"a..b\" = 1, \"c d\" = 2 }");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(
            () -> load(Map.of("RECOUNT_KAFKA_CLIENT_", "x", "RECOUNT_KAFKA_CLIENT__SSL", "y")))
        .withMessageContaining("'kafka.client.a..b'")
        .withMessageContaining("'kafka.client.c d'")
        .withMessageContaining("'RECOUNT_KAFKA_CLIENT_'")
        .withMessageContaining("'RECOUNT_KAFKA_CLIENT__SSL'");
    write("kafka.client = SSL");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> load(Map.of()))
        .withMessageContaining("'kafka.client'");
  }

  @Test
  void fileThatIsNotHocon_isNamed() throws IOException {
    write("port-base = [");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> load(Map.of()))
        .withMessageContaining("recount.conf");
  }
}
