package dev.recount.ingest.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.event.EventSchema;
import dev.recount.ingest.command.IngestCli;
import dev.recount.ingest.door.FileRecords;
import dev.recount.ingest.letters.LettersCli;
import dev.recount.ingest.mapping.JsonEvents;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The examples of docs/events.md do what the page says; demo's tests run the producer. */
class EventsPageTest {
  private static final Pattern BLOCK = Pattern.compile("```(\\w+)\n(.*?)```", Pattern.DOTALL);
  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

  private static String page;
  private static EventSchema schema;
  private static JsonEvents events;

  @TempDir private Path folder;

  @BeforeAll
  static void read() throws IOException {
    page = Files.readString(Path.of(System.getProperty("recount.root"), "docs", "events.md"));
    schema = EventSchema.parse(blocks("json").get(0), "events.md");
    events = new JsonEvents(schema);
  }

  private static List<String> blocks(String language) {
    return BLOCK
        .matcher(page)
        .results()
        .filter(block -> block.group(1).equals(language))
        .map(block -> block.group(2))
        .toList();
  }

  private static GenericRecord event(String json) {
    return events.read(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void schema_hasEveryType_andTheEventHasEveryField() {
    Set<Schema.Type> types = EnumSet.noneOf(Schema.Type.class);
    schema.avro().getFields().forEach(field -> addTypes(field.schema(), types));
    assertThat(types).containsExactlyInAnyOrder(Schema.Type.values());

    GenericRecord event = event(blocks("json").get(1));
    assertThat(schema.avro().getFields()).allMatch(field -> event.get(field.pos()) != null);
    assertThat(event.get("id")).hasToString("0b7f6a62-58bc-4fd0-8f4a-5fbd1c1e3e6b");
  }

  private static void addTypes(Schema schema, Set<Schema.Type> types) {
    types.add(schema.getType());
    if (schema.getType() == Schema.Type.UNION) {
      schema.getTypes().forEach(branch -> addTypes(branch, types));
    } else if (schema.getType() == Schema.Type.RECORD) {
      schema.getFields().forEach(field -> addTypes(field.schema(), types));
    }
  }

  @Test
  void mapping_makesTheEventsOfThePage() throws IOException {
    Path map = Files.writeString(folder.resolve("delivery.conf"), blocks("conf").get(0));
    Path csv = Files.writeString(folder.resolve("delivery.csv"), blocks("csv").get(0));
    List<GenericRecord> expected =
        blocks("json").get(2).lines().map(EventsPageTest::event).toList();
    assertThat(FileRecords.read(schema, csv, "--format", "csv", "--map", map.toString()))
        .extracting(FileRecords.Read::event)
        .containsExactlyElementsOf(expected)
        .hasSize(2);
  }

  @Test
  void commands_areThoseThatThereAre() {
    List<String> lines =
        blocks("sh").stream()
            .flatMap(String::lines)
            .map(line -> line.replaceFirst("^zcat .* \\| ", ""))
            .filter(line -> !line.matches("bin/recount (apply|plan).*"))
            .toList();
    assertThat(lines).hasSizeGreaterThan(10).allMatch(line -> line.startsWith("bin/recount "));
    for (String line : lines) {
      String[] words =
          WORD.matcher(line.substring("bin/recount ".length()))
              .results()
              .map(EventsPageTest::word)
              .toArray(String[]::new);
      Object cli = words[0].matches("ingest|init") ? new IngestCli() : new LettersCli();
      new CommandLine(cli).parseArgs(words);
    }
  }

  private static String word(MatchResult match) {
    return match.group(1) == null ? match.group(2) : match.group(1);
  }

  @Test
  void mappingsOfThePage_areThere() {
    List<String> files =
        Pattern.compile("docs/examples/\\S+")
            .matcher(page)
            .results()
            .map(MatchResult::group)
            .distinct()
            .toList();
    assertThat(files).hasSizeGreaterThanOrEqualTo(4);
    assertThat(files)
        .allMatch(file -> Files.exists(Path.of(System.getProperty("recount.root"), file)));
  }
}
