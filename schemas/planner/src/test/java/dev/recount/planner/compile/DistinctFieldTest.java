package dev.recount.planner.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.planner.row.EventRows;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DistinctFieldTest {
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);
  private static final EventSchema EVENT =
      EventSchema.parse(
          """
          {"type": "record", "name": "e", "fields": [
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "recount": "event-time", "doc": "d"},
            {"name": "text", "type": ["null", "string"], "doc": "d"},
            {"name": "uuid", "type": {"type": "string", "logicalType": "uuid"}, "doc": "d"},
            {"name": "raw", "type": "bytes", "doc": "d"},
            {"name": "small", "type": "int", "doc": "d"},
            {"name": "large", "type": "long", "doc": "d"},
            {"name": "real", "type": "double", "doc": "d"},
            {"name": "tags", "type": {"type": "array", "items": "string"}, "doc": "d"}]}""",
          "e");

  private static ViewPlan plan(String header) {
    return COMPILER.plan(
        ViewFile.parse("v", header + "\nSELECT small, count(*) AS n FROM e GROUP BY small"), EVENT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"text", "uuid", "raw", "small", "large"})
  void field_canBeTheId(String field) {
    ViewPlan plan = plan("-- @distinct " + field);
    assertThat(plan.distinct()).contains(field);
    assertThat(DistinctField.of(plan, EventRows.type(EVENT)))
        .contains(
            new DistinctField(field, List.of(EventRows.type(EVENT).fieldNames()).indexOf(field)));
  }

  @Test
  void viewWithoutIt_countsAll() {
    assertThat(DistinctField.of(plan(""), EventRows.type(EVENT))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "id        | it is distinct by 'id', but the event has no such field; write -- @distinct"
            + " and one of [at, text",
        "text, raw | it is distinct by 'text, raw', but the event has no such field",
        "real      | it is distinct by 'real' of DOUBLE; an id is a string, bytes, an int or a long",
        "tags      | of ARRAY<STRING>; an id is",
        "at        | of TIMESTAMP; an id is"
      })
  void field_cannotBeTheId(String field, String says) {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> plan("-- @distinct " + field))
        .withMessageContaining(says)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.VIEW_INVALID));
  }
}
