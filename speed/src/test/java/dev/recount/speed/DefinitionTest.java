package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.event.EventSchema;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DefinitionTest {
  private static EventSchema schema(String more) {
    return EventSchema.parse(
        """
        {"type": "record", "name": "ordering", "fields": [
          {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "d", "recount": "event-time"},
          {"name": "x", "type": "int", "default": 0, "doc": "d"%s}]}"""
            .formatted(more),
        "test");
  }

  private static Definition definition(EventSchema schema, EventSchema state) {
    return new Definition(schema, List.of(), Map.of(state.name(), state));
  }

  @Test
  void anAlias_makesOtherEvents() {
    EventSchema plain = schema("");
    EventSchema alias = schema(", \"aliases\": [\"y\"]");
    Definition definition = definition(plain, plain);
    assertThat(definition.hasSameEvents(definition(schema(""), schema("")))).isTrue();
    assertThat(definition.hasSameEvents(definition(alias, plain))).isFalse();
    assertThat(definition.hasSameEvents(definition(plain, alias))).isFalse();
    assertThat(definition.hasSameEvents(null)).isFalse();
  }
}
