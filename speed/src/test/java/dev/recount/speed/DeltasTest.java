package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.planner.compile.DeltaSize;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class DeltasTest {
  private static final StructType TYPE =
      new StructType()
          .add("minute", DataTypes.LongType)
          .add("page_url", DataTypes.StringType)
          .add("views", DataTypes.LongType)
          .add("least", DataTypes.DoubleType)
          .add("visitors", DataTypes.BinaryType)
          .add("_arrived", DataTypes.LongType);

  private static InternalRow row(String url, long views) {
    return new GenericInternalRow(
        new Object[] {
          60_000L,
          UTF8String.fromString(url),
          views,
          Double.POSITIVE_INFINITY,
          new byte[] {1, (byte) 0xAB},
          10_000L
        });
  }

  @Test
  void value_holdsAllColumnsAndTheMicroBatch() {
    byte[] value = new Deltas(TYPE, 2).value(row("/a\"b\u00e9", 3), 7);
    JsonNode json = Json.read(new String(value, StandardCharsets.UTF_8), JsonNode.class);
    assertThat(json.get("minute").asLong()).isEqualTo(60_000);
    assertThat(json.get("page_url").asText()).isEqualTo("/a\"b\u00e9");
    assertThat(json.get("views").asLong()).isEqualTo(3);
    assertThat(json.get("least").asText()).isEqualTo("Infinity");
    assertThat(json.get("visitors").asText()).isEqualTo("01ab");
    assertThat(json.get("_arrived").asLong()).isEqualTo(10_000);
    assertThat(json.get("_chunk").asLong()).isEqualTo(7);
    assertThat(json.size()).isEqualTo(7);
  }

  @Test
  void key_isThePrimaryKeyAndNothingElse() {
    Deltas deltas = new Deltas(TYPE, 2);
    byte[] key = deltas.key(row("/a", 3), 7);
    assertThat(deltas.key(row("/a", 4), 7)).isEqualTo(key);
    assertThat(deltas.key(row("/b", 3), 7)).isNotEqualTo(key);
    assertThat(deltas.key(row("/a", 3), 8)).isNotEqualTo(key);
  }

  @Test
  void key_ofLongTexts_isShortAndStillTellsThemApart() {
    Deltas deltas = new Deltas(TYPE, 2);
    String large = "/" + "\u0001\"".repeat(500_000);
    byte[] key = deltas.key(row(large, 3), 7);
    assertThat(key).hasSizeLessThanOrEqualTo(DeltaSize.LARGEST_KEY_BYTES);
    assertThat(deltas.key(row(large, 4), 7)).isEqualTo(key);
    assertThat(deltas.key(row(large + "x", 3), 7)).isNotEqualTo(key);
    assertThat(deltas.key(row(large, 3), 8)).isNotEqualTo(key);
  }

  @Test
  void chunks_ofAllPartitionsAndParts_areDifferentNumbersFrom0On() {
    Set<Long> chunks = new HashSet<>();
    for (long id : new long[] {0, 1, 65_536, (1L << 32) - 1}) {
      for (int partition : new int[] {0, 1, 65_535}) {
        for (int part : new int[] {0, 1, 32_767}) {
          long chunk = Deltas.chunk(id, partition, part);
          assertThat(chunk).isNotNegative();
          assertThat(chunks.add(chunk)).isTrue();
        }
      }
    }
    assertThatThrownBy(() -> Deltas.chunk(0, 0, 32_768)).hasMessageContaining("part 32768");
  }

  @Test
  void value_holdsDoublesThatJsonHasNoNumbersForAsTexts() {
    for (double number : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
      InternalRow row = row("/a", 3);
      row.setDouble(3, number);
      byte[] value = new Deltas(TYPE, 2).value(row, 7);
      JsonNode json = Json.read(new String(value, StandardCharsets.UTF_8), JsonNode.class);
      assertThat(Double.valueOf(json.get("least").textValue())).isEqualTo((Double) number);
    }
  }

  @Test
  void value_nullIsRefused() {
    InternalRow row = row("/a", 3);
    row.setNullAt(2);
    assertThatThrownBy(() -> new Deltas(TYPE, 2).value(row, 7)).hasMessageContaining("'views'");
  }
}
