package dev.recount.ingest.value;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.ingest.avro.AvroJson;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowJsonTest {
  private static final Schema TEXTS = Schema.createMap(Schema.create(Schema.Type.STRING));
  private static final Schema BYTES = Schema.createMap(Schema.create(Schema.Type.BYTES));

  /** The way of a value through a line of JSON into a field. */
  private static JsonNode through(Object value, Schema file, Schema field) throws Exception {
    JsonNode written = AvroJson.json(value, file);
    return RowJson.resolved(Json.MAPPER.readTree(written.toString()), field);
  }

  @ParameterizedTest
  @ValueSource(strings = {"$bytes", "$$bytes", "$$$bytes", "$byte", "bytes", "a"})
  void aMapOfTheFilesOwn_isNotTakenForBytes(String key) throws Exception {
    Map<String, String> map = Map.of(key, "aGk=");
    assertThat(through(map, TEXTS, TEXTS)).isEqualTo(Json.MAPPER.valueToTree(map));
    Map<String, Object> more = Map.of(key, "aGk=", "b", "c");
    assertThat(through(more, TEXTS, TEXTS)).isEqualTo(Json.MAPPER.valueToTree(more));
    Schema lists = Schema.createArray(TEXTS);
    assertThat(through(List.of(map), lists, lists))
        .isEqualTo(Json.MAPPER.valueToTree(List.of(map)));
    ByteBuffer hi = ByteBuffer.wrap("hi".getBytes(StandardCharsets.UTF_8));
    assertThat(through(Map.of(key, hi), BYTES, TEXTS))
        .isEqualTo(Json.MAPPER.valueToTree(Map.of(key, "hi")));
    assertThat(through(Map.of(key, hi), BYTES, BYTES)).isEqualTo(Json.MAPPER.valueToTree(map));
  }
}
