package dev.recount.apply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.view.ViewFile;
import dev.recount.error.ErrorCode;
import dev.recount.event.EventSchema;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.EventRows;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a change of an event does to the views that run over it. */
class EventChangeTest {
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);
  private static final String BEFORE = "\"number\", \"type\": \"int\"";

  private static EventSchema schema(String number, String more) {
    return EventSchema.parse(
        """
        {"type": "record", "name": "e", "fields": [
          {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "recount": "event-time", "doc": "d"},
          {"name": "city", "type": "string", "doc": "d"},
          {"name": %s, "doc": "d"}%s]}"""
            .formatted(number, more),
        "e");
  }

  private static List<String> problems(String sql, EventSchema changed) {
    return problems(sql, changed, true);
  }

  private static List<String> problems(String sql, EventSchema changed, boolean isActive) {
    EventSchema before = schema(BEFORE, "");
    var view = COMPILER.plan(ViewFile.parse("v", sql), before);
    EventChange.Reader reader =
        new EventChange.Reader(view, isActive, EventRows.type(before), EventRows.type(changed));
    return new EventChange(changed, List.of(before), List.of(reader))
        .problems(COMPILER).stream()
            .peek(p -> assertThat(p.code()).isEqualTo(ErrorCode.EVENT_SCHEMA_INCOMPATIBLE))
            .map(Throwable::getMessage)
            .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT city, count(*) AS n FROM e GROUP BY city                  | double",
        "SELECT city, sum(number) AS n, max(number) AS m FROM e GROUP BY city | long",
        "SELECT city, theta_sketch_agg(number) AS n FROM e GROUP BY city  | long",
        "SELECT CAST(number AS STRING) AS s, count(*) AS n FROM e GROUP BY ALL | long"
      })
  void viewsThatGoOn_letItPass(String sql, String type) {
    EventSchema changed =
        schema(
            BEFORE.replace("int", type),
            ", {\"name\": \"more\", \"type\": \"int\", \"default\": 0, \"doc\": \"d\"}");
    assertThat(problems(sql, changed)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT number, count(*) AS n FROM e GROUP BY number              | long   | not the planned ones",
        "SELECT number, count(*) AS n FROM e GROUP BY number | [\"null\", \"int\"] | its column 'number', which is never NULL, could be",
        "SELECT city, sum(number) AS n FROM e GROUP BY city               | double | not the planned ones",
        "SELECT city, theta_sketch_agg(number) AS n FROM e GROUP BY city  | double | counted as INT may differ as DOUBLE",
        "SELECT CAST(number AS STRING) AS s, count(*) AS n FROM e GROUP BY ALL | double | counted as INT may differ as DOUBLE"
      })
  void viewsThatWouldCountAnother_refuseIt(String sql, String type, String says) {
    assertThat(
            problems(
                sql,
                schema(
                    BEFORE.replace("\"int\"", type.startsWith("[") ? type : '"' + type + '"'), "")))
        .singleElement()
        .asString()
        .startsWith("Cannot change the event 'e': the view 'v@1' reads it")
        .contains(says)
        .endsWith("keep what it reads unchanged, and add a new field beside it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT city, sum(number) AS n FROM e GROUP BY city",
        "SELECT city, count(*) AS n FROM e WHERE number > 0 GROUP BY city"
      })
  void viewsWhoseFieldWasRemoved_refuseIt(String sql) {
    EventSchema changed = schema("\"other\", \"type\": \"int\", \"default\": 0", "");
    assertThat(problems(sql, changed)).singleElement().asString().contains("no field `number`");
  }

  @Test
  void versionThatReadersDoNotSee_canBeRemovedInstead() {
    EventSchema changed = schema("\"other\", \"type\": \"int\", \"default\": 0", "");
    assertThat(problems("SELECT city, sum(number) AS n FROM e GROUP BY city", changed, false))
        .singleElement()
        .asString()
        .endsWith("readers of the view do not see: recount version drop v@1");
  }

  @Test
  void viewWhoseDistinctFieldWasRemoved_refusesIt() {
    EventSchema changed = schema("\"other\", \"type\": \"int\", \"default\": 0", "");
    assertThat(
            problems(
                "-- @distinct number\nSELECT city, count(*) AS n FROM e GROUP BY city", changed))
        .singleElement()
        .asString()
        .contains("it is distinct by 'number', but the event has no such field");
  }
}
