package dev.recount.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.error.RecountException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventSchemaTest {
  private static final String TIME =
      "{\"name\":\"t\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"},"
          + "\"doc\":\"d\",\"recount\":\"event-time\"}";

  private static String record(String name, String fields) {
    return "{\"type\":\"record\",\"name\":\"" + name + "\",\"fields\":[" + fields + "]}";
  }

  @Test
  void pageView_isRead() {
    EventSchema schema = TestingEvents.pageView();
    assertThat(schema.name()).isEqualTo("page_view");
    assertThat(schema.eventTimeField()).isEqualTo("event_time");
    assertThat(schema.eventIdField()).contains("event_id");
    assertThat(EventSchema.parse(schema.json(), "again").fingerprint())
        .isEqualTo(schema.fingerprint());
  }

  @Test
  void parse_namesWhatIsWrong() {
    assertInvalid("{", "Cannot use the event schema");
    assertInvalid("\"string\"", "not a record");
    assertInvalid(record("Bad", TIME), "must match");
    assertInvalid(record("e", "{\"name\":\"a\",\"type\":\"int\"}"), "has no \"doc\"");
    assertInvalid(
        record("e", TIME + ",{\"name\":\"_a\",\"type\":\"int\",\"doc\":\"d\"}"), "begins with '_'");
    assertInvalid(
        record("e", TIME + ",{\"name\":\"a\",\"type\":\"int\",\"doc\":\"d\",\"recount\":\"x\"}"),
        "the marks are event-time, event-id");
    assertInvalid(record("e", ""), "no field is marked");
    assertInvalid(record("e", TIME + "," + TIME.replace("\"t\"", "\"u\"")), "more than one field");
    assertInvalid(
        record("e", "{\"name\":\"a\",\"type\":\"long\",\"doc\":\"d\",\"recount\":\"event-time\"}"),
        "timestamp-millis");
  }

  @Test
  void anAlias_isOfOneFieldOnly() {
    String field = "{\"name\":\"%s\",\"type\":\"int\",\"doc\":\"d\",\"aliases\":[\"%s\"]}";
    String a = field.formatted("a", "b");
    assertInvalid(
        record("e", TIME + "," + a + "," + field.formatted("b", "c")),
        "the alias 'b' of field 'a' is the name of field 'b'");
    String both = a + "," + field.formatted("c", "b");
    assertInvalid(
        record("e", TIME + "," + both), "the alias 'b' of field 'c' is an alias of field 'a'");
    String inner = "{\"type\":\"array\",\"items\":" + record("inner", both) + "}";
    String outer = "{\"name\":\"o\",\"doc\":\"d\",\"type\":" + inner + "}";
    assertInvalid(record("e", TIME + "," + outer), "the alias 'b' of field 'c'");
    assertThat(EventSchema.parse(record("e", TIME + "," + a), "e").name()).isEqualTo("e");
  }

  @Test
  void keyFields_areInTheSchemasOrder_andNeverNull() {
    String key = ",{\"name\":\"%s\",\"type\":%s,\"doc\":\"d\",\"recount\":\"key\"}";
    String fields = TIME + key.formatted("b", "\"string\"") + key.formatted("a", "\"int\"");
    assertThat(EventSchema.parse(record("e", fields), "e").keyFields()).containsExactly("b", "a");
    assertThat(TestingEvents.pageView().keyFields()).isEmpty();
    assertInvalid(
        record("e", TIME + key.formatted("a", "[\"null\",\"string\"]")), "that are never null");
    assertInvalid(record("e", TIME + key.formatted("a", "\"double\"")), "the key field 'a'");
  }

  @Test
  void read_fileNameMustBeTheEvents(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("other.avsc"), record("e", TIME));
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> EventSchema.read(file))
        .withMessageContaining("name the file e.avsc");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> EventSchema.read(folder.resolve("none.avsc")))
        .withMessageContaining("none.avsc");
  }

  private static void assertInvalid(String json, String message) {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> EventSchema.parse(json, "x.avsc"))
        .withMessageContaining(message);
  }
}
