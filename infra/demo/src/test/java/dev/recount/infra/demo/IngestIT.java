package dev.recount.infra.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.letter.DeadLetter;
import dev.recount.error.ErrorCode;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.infra.clients.kafka.TopicLeaders;
import dev.recount.infra.demo.drive.Recount;
import dev.recount.infra.stack.LocalStack;
import dev.recount.ingest.door.Batch;
import dev.recount.ingest.door.Door;
import dev.recount.ingest.mapping.RecordFormat;
import dev.recount.ingest.mapping.RecordLayout;
import dev.recount.ingest.weblog.LogLayout;
import dev.recount.ingest.weblog.TrustedProxies;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The door on a real Kafka and catalog. */
class IngestIT {
  @TempDir private static Path home;
  private static RecountConfig config;
  private static LocalStack stack;

  @BeforeAll
  static void start() throws Exception {
    config = RecountConfig.load(home, Optional.of(WholeStack.freePorts()), Map.of());
    stack = LocalStack.of(config);
    stack.start("catalog", "kafka");
    Path schema = Path.of(System.getProperty("recount.root"), "schemas/events/page_view.avsc");
    try (Catalog catalog = Catalog.open(config);
        Admin admin = Admin.create(Map.of("bootstrap.servers", config.kafkaBootstrap()))) {
      catalog.events().apply(EventSchema.read(schema), Clock.systemUTC().millis());
      admin
          .createTopics(
              List.of(
                  new NewTopic(Topics.raw("page_view"), 1, (short) 1),
                  new NewTopic(Topics.DEAD_LETTERS, 1, (short) 1)
                      .configs(
                          Map.of(
                              "max.message.bytes",
                              String.valueOf(config.events().largestLetterBytes())))))
          .all()
          .get();
      for (String topic : List.of(Topics.raw("page_view"), Topics.DEAD_LETTERS)) {
        TopicLeaders.await(admin, topic, Deadline.after(Duration.ofMinutes(2)));
      }
    }
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @Test
  void rejectedLine_isADeadLetterWithFileLineAndReason() throws Exception {
    String good = "1.2.3.4 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"\n";
    Path file = Files.writeString(home.resolve("access.log"), good + "cut\n" + good);
    long eventsBefore = read(Topics.raw("page_view")).size();

    WarmCommands.Result result =
        ingest("ingest", "page_view", "--format", "combined", file.toString());

    assertThat(result.output())
        .endsWith("accepted 2, rejected 1\n")
        .contains("access.log: combined\n", "access.log:2");
    assertThat(result.code()).isZero();
    List<ConsumerRecord<byte[], byte[]>> events = read(Topics.raw("page_view"));
    assertThat(events).hasSize((int) eventsBefore + 2);
    assertThat(events.subList((int) eventsBefore, events.size()))
        .allMatch(event -> event.timestampType() == TimestampType.LOG_APPEND_TIME)
        .allMatch(event -> event.key() == null);
    DeadLetter letter =
        read(Topics.DEAD_LETTERS).stream()
            .flatMap(r -> DeadLetter.read(r).stream())
            .filter(l -> file.toString().equals(l.source().file()))
            .findFirst()
            .orElseThrow();
    assertThat(letter.event()).isEqualTo("page_view");
    assertThat(letter.code()).isEqualTo(ErrorCode.EVENT_MALFORMED);
    assertThat(letter.message()).contains("expected a host");
    assertThat(letter.source())
        .isEqualTo(
            DeadLetter.Source.file(
                file.toString(),
                2,
                Json.MAPPER.valueToTree(
                    RecordLayout.of(RecordFormat.COMBINED)
                        .withLog(new LogLayout("combined", TrustedProxies.NONE)))));
    assertThat(letter.payload()).isEqualTo("cut".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void webLog_isRecognised_andItsVisitorsStayApart() throws Exception {
    String line =
        "www.example.com:443 %s - - [17/May/2015:10:05:03 +0000] \"GET /recognised HTTP/1.1\" 200 1 \"-\" \"-\"\n";
    Path file =
        Files.writeString(
            home.resolve("vhost.log"),
            "\0".repeat(50)
                + String.format(line, "192.0.2.1")
                + String.format(line, "192.0.2.2, 10.0.0.1")
                + String.format(line, "-"));
    WarmCommands.Result result =
        ingest(
            "ingest",
            "page_view",
            "--format",
            "combined",
            "--trusted-proxies",
            "10.0.0.0/8",
            file.toString());
    assertThat(result.output())
        .contains("vhost.log: combined, vhost before\n")
        .contains("as combined, vhost before: expected the virtual host, the client's address")
        .endsWith("accepted 2, rejected 1\n");
    EventCodec codec =
        new EventCodec(
            EventSchema.read(
                Path.of(System.getProperty("recount.root"), "schemas/events/page_view.avsc")),
            fingerprint -> Optional.empty());
    assertThat(read(Topics.raw("page_view")))
        .map(record -> codec.decode(record.value()))
        .filteredOn(event -> event.get("page_url").toString().equals("/recognised"))
        .extracting(event -> event.get("session_id").toString())
        .containsExactlyInAnyOrder("192.0.2.1|-", "192.0.2.2|-");
  }

  @Test
  void submit_answersForEachRecord() {
    String body =
        """
        {"event_time": 0, "ip_address": "::1", "page_url": "/"}
        {"event_time": 0, "ip_address": "::1"}
        {"event_time": 0, "ip_address": "::1", "page_url": "%s"}
        """
            .formatted("x".repeat(1_100_000));
    try (Catalog catalog = Catalog.open(config);
        Door door = Door.open(config, catalog, Clock.systemUTC())) {
      Batch batch = door.submit("page_view", body.getBytes(StandardCharsets.UTF_8));

      assertThat(batch.accepted()).isEqualTo(1);
      assertThat(batch.rejected())
          .extracting(Batch.Rejected::index, Batch.Rejected::code)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple(1, ErrorCode.EVENT_FIELD_MISSING),
              org.assertj.core.groups.Tuple.tuple(2, ErrorCode.EVENT_TOO_LARGE));
    }
  }

  @Test
  void deadLetters_goInOnceAfterAFix() throws Exception {
    String view = "{\"event_time\": 0, \"ip_address\": \"::1\", \"page_url\": \"/put-back\", ";
    Path file =
        Files.writeString(
            home.resolve("screens.ndjson"),
            view + "\"screen\": \"wide\"}\n" + view + "\"screen\": \"tall\"}\n{\"screen\": 1}\n");
    assertThat(ingest("ingest", "page_view", file.toString()).output())
        .endsWith("accepted 0, rejected 3\n");
    String reason = ErrorCode.EVENT_FIELD_UNKNOWN.name();
    assertThat(ingest("deadletters", "list", "page_view", "--reason", reason).output())
        .contains("page_view  EVENT_FIELD_UNKNOWN  from file: 2")
        .contains("screens.ndjson:2")
        .endsWith("2 dead letters wait\n");
    String[] putBack = {"deadletters", "put-back", "page_view", "--reason", reason};
    assertThat(ingest(putBack).output()).endsWith("put back 0, 2 stay\n").contains("'screen'");

    applyWithScreen();
    leaveATransactionOpen();
    long before = read(Topics.raw("page_view")).size();
    assertThat(ingest("deadletters", "put-back", "--reason", reason, "--dry-run").output())
        .endsWith("would put back 2, 0 stay\n");
    assertThat(read(Topics.raw("page_view"))).hasSize((int) before);
    assertThat(ingest(putBack).output()).endsWith("put back 2, 0 stay\n");
    assertThat(ingest(putBack).output()).endsWith("put back 0, 0 stay\n");
    awaitEvents(before + 2);
    assertThat(read(Topics.raw("page_view"))).hasSize((int) before + 2);
    assertThat(ingest("deadletters", "list", "--reason", reason).output())
        .endsWith("0 dead letters wait\n");
  }

  @Test
  void mappedRows_goInByACorrectedMapping() throws Exception {
    String csv =
        "When;Page;Address\n2015-01-01 10:00;\"/two\nlines\";::1\n1.2.2015 10:00;/european;::1\n";
    Path file = Files.writeString(home.resolve("views.csv"), csv);
    String[] ingest = {
      "ingest", "page_view", "--format", "csv", "--delimiter", ";", "--map", "", file.toString()
    };
    ingest[7] = map("wrong.conf", "yyyy-MM-dd HH:mm", "Pages").toString();
    WarmCommands.Result refused = ingest(ingest);
    assertThat(refused.code()).as(refused.output()).isEqualTo(2);
    assertThat(refused.output())
        .contains("MAPPING_INVALID", "there is no column 'Pages'; the columns are When, Page");

    long before = read(Topics.raw("page_view")).size();
    ingest[7] = map("first.conf", "yyyy-MM-dd HH:mm", "Page").toString();
    assertThat(ingest(ingest).output())
        .contains("views.csv:4 ")
        .endsWith("accepted 1, rejected 1\n");
    String[] putBack = {"deadletters", "put-back", "page_view", "--reason", "EVENT_FIELD_TYPE"};
    assertThat(ingest(putBack).output()).endsWith("put back 0, 1 stay\n").contains("1.2.2015");
    String[] mapped = Arrays.copyOf(putBack, 7);
    mapped[5] = "--map";
    mapped[6] = map("second.conf", "d.M.yyyy HH:mm", "Page").toString();
    assertThat(ingest(mapped).output()).endsWith("put back 1, 0 stay\n");
    assertThat(ingest(mapped).output()).endsWith("put back 0, 0 stay\n");
    awaitEvents(before + 2);
    assertThat(read(Topics.raw("page_view"))).hasSize((int) before + 2);
  }

  @Test
  void largeRecords_areKeptWhole_andGoInAfterAFix() throws Exception {
    String start = "{\"event_time\": 0, \"page_url\": \"";
    Path file =
        Files.writeString(
            home.resolve("large.ndjson"),
            start
                + "x".repeat(900_000)
                + "\"}\n"
                + start
                + "y".repeat(6_000_000)
                + "\"}\n"
                + start
                + "z".repeat(9_000_000)
                + "\"}\n");
    assertThat(ingest("ingest", "page_view", file.toString()).output())
        .contains("9000033 bytes, at most 8388608 are read; only its first 524288 are kept")
        .endsWith("accepted 0, rejected 3\n");
    assertThat(
            read(Topics.DEAD_LETTERS).stream()
                .flatMap(r -> DeadLetter.read(r).stream())
                .filter(letter -> file.toString().equals(letter.source().file())))
        .extracting(letter -> letter.payload().length, DeadLetter::payloadSize)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(900_033, 900_033L),
            org.assertj.core.groups.Tuple.tuple(6_000_033, 6_000_033L),
            org.assertj.core.groups.Tuple.tuple(DeadLetter.CUT_BYTES, 9_000_033L));
    long before = read(Topics.raw("page_view")).size();
    Path fixed =
        Files.writeString(
            home.resolve("large.conf"),
            "event_time = event_time, page_url = page_url, ip_address { constant = \"::1\" }");
    assertThat(
            ingest(
                    "deadletters",
                    "put-back",
                    "page_view",
                    "--reason",
                    "EVENT_FIELD_MISSING",
                    "--map",
                    fixed.toString())
                .output())
        .contains("raise events.max-size and run 'recount apply'", "put back 1, ");
    awaitEvents(before + 1);
    List<ConsumerRecord<byte[], byte[]>> events = read(Topics.raw("page_view"));
    assertThat(events).hasSize((int) before + 1);
    assertThat(events.get(events.size() - 1).value().length).isGreaterThan(900_000);
  }

  @Test
  void anInterruptedRun_saysWhereToGoOn() throws Exception {
    String line = "{\"event_time\": 0, \"ip_address\": \"::1\", \"page_url\": \"/cut\"}\n";
    long before = read(Topics.raw("page_view")).size();
    ProcessBuilder builder =
        new Recount(config).command("ingest", "page_view", "-").redirectErrorStream(true);
    builder.environment().put("RECOUNT_SKIP_BUILD", "1");
    Process process = builder.start();
    process.getOutputStream().write(line.repeat(3).getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    awaitEvents(before + 3);
    // As Ctrl-C does; the process's own destroy would close its output.
    process.toHandle().destroy();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isNotZero();
    assertThat(output)
        .contains("All of - before line 4 is in; go on with: --from-line 4 -")
        .endsWith("accepted 3, rejected 0\n")
        .doesNotContain("\tat ", "Exception");

    Path file = Files.writeString(home.resolve("cut.ndjson"), line.repeat(5));
    assertThat(ingest("ingest", "page_view", "--dry-run", file.toString()).output())
        .endsWith("would accept 5, would reject 0\n");
    assertThat(ingest("ingest", "page_view", "--from-line", "4", file.toString()).output())
        .endsWith("accepted 2, rejected 0\n");
    assertThat(read(Topics.raw("page_view"))).hasSize((int) before + 5);
  }

  /** DuckDB writes the file, so that it is not only our own that is read. */
  @Test
  void parquetRows_goIn_andTheirNumbersAreInTheLetters() throws Exception {
    Path file = home.resolve("views.parquet");
    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duck.createStatement()) {
      statement.execute(
          "COPY (SELECT TIMESTAMPTZ '2015-01-01 00:00:00+00' + n * INTERVAL 1 SECOND AS event_time, '::1' AS ip_address,"
              + " CASE WHEN n = 7 THEN NULL ELSE '/' || n END AS page_url, {'code': n} AS answer FROM range(100) t(n))"
              + " TO '"
              + file
              + "' (FORMAT parquet)");
    }
    long before = read(Topics.raw("page_view")).size();
    String[] ingest = {"ingest", "page_view", "--format", "parquet", file.toString()};
    assertThat(ingest(ingest).output()).contains("MAPPING_INVALID", "no field is named answer");
    String fields =
        "event_time = event_time, ip_address = ip_address, status = answer.code, page_url ";
    String[] mapped = Arrays.copyOf(ingest, 7);
    mapped[5] = "--map";
    mapped[6] = Files.writeString(home.resolve("a.conf"), fields + "= page_url").toString();
    assertThat(ingest(mapped).output())
        .contains("views.parquet:8 ")
        .endsWith("accepted 99, rejected 1\n");
    Path corrected =
        Files.writeString(home.resolve("b.conf"), fields + "{ from = page_url, default = \"/\" }");
    assertThat(
            ingest("deadletters", "put-back", "page_view", "--map", corrected.toString()).output())
        .contains("put back 1, ");
    awaitEvents(before + 100);
    assertThat(read(Topics.raw("page_view"))).hasSize((int) before + 100);
  }

  @Test
  void producerOfTheEventsPage_isUnderstood() throws Exception {
    Path root = Path.of(System.getProperty("recount.root"));
    Path schema = root.resolve("schemas/events/page_view.avsc");
    ProducerExample.send(config.kafkaBootstrap(), schema.toString(), Clock.systemUTC());
    List<ConsumerRecord<byte[], byte[]>> events = read(Topics.raw("page_view"));
    EventCodec codec = new EventCodec(EventSchema.read(schema), fingerprint -> Optional.empty());
    assertThat(codec.decode(events.get(events.size() - 1).value()).get("page_url"))
        .hasToString("/from-a-producer");

    Matcher java =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(root.resolve("docs/events.md")));
    assertThat(java.find()).isTrue();
    assertThat(
            Files.readString(
                root.resolve(
                    "infra/demo/src/test/java/dev/recount/infra/demo/ProducerExample.java")))
        .contains(java.group(1));
  }

  private static Path map(String name, String time, String page) throws IOException {
    return Files.writeString(
        home.resolve(name),
        "event_time { from = When, time = \"%s\", zone = UTC }, page_url = %s, ip_address = Address"
            .formatted(time, page));
  }

  private static void applyWithScreen() throws Exception {
    Path root = Path.of(System.getProperty("recount.root"));
    String schema = Files.readString(root.resolve("schemas/events/page_view.avsc"));
    String field =
        ", {\"name\": \"screen\", \"type\": [\"null\", \"string\"], \"default\": null, \"doc\": \"Shape.\"}";
    int end = schema.lastIndexOf(']');
    Path changed = Files.createDirectories(home.resolve("changed")).resolve("page_view.avsc");
    Files.writeString(changed, schema.substring(0, end) + field + schema.substring(end));
    try (Catalog catalog = Catalog.open(config)) {
      catalog.events().apply(EventSchema.read(changed), Clock.systemUTC().millis());
    }
  }

  /** As a put-back does that is killed before it commits. */
  private static void leaveATransactionOpen() throws Exception {
    Map<String, Object> settings = new HashMap<>(Door.settings(config));
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "recount-dead-letters-put-back");
    KafkaProducer<byte[], byte[]> producer = KafkaClients.of(config).producer(settings);
    producer.initTransactions();
    producer.beginTransaction();
    producer.send(new ProducerRecord<>(Topics.raw("page_view"), new byte[] {1})).get();
    producer.close(Duration.ZERO);
  }

  @Test
  void wrongEventAndFile_areNamed() throws Exception {
    WarmCommands.Result unknown = ingest("ingest", "page_viw", home.resolve("recount.none") + "");
    assertThat(unknown.output()).contains("FILE_NOT_READABLE").contains("there is no such file");
    assertThat(unknown.code()).isEqualTo(2);
    Path empty = Files.writeString(home.resolve("empty"), "");
    WarmCommands.Result event = ingest("ingest", "page_viw", empty.toString());
    assertThat(event.output()).contains("EVENT_UNKNOWN").contains("the events are page_view");
    assertThat(event.code()).isEqualTo(2);
  }

  private static WarmCommands.Result ingest(String... words) {
    return WarmCommands.run(new Recount(config).withHome(words));
  }

  /** A transaction is over for readers a little later than for who commits it. */
  private static void awaitEvents(long count) {
    Deadline.after(Duration.ofSeconds(60))
        .require(
            count + " events",
            Duration.ofMillis(50),
            () -> read(Topics.raw("page_view")).size() >= count);
  }

  private static List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    TopicPartition partition = new TopicPartition(topic, 0);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", config.kafkaBootstrap(), "isolation.level", "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
      }
    }
    return records;
  }
}
