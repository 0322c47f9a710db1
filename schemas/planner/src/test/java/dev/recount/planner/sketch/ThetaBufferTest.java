package dev.recount.planner.sketch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.apache.datasketches.memory.Memory;
import org.apache.datasketches.theta.Sketches;
import org.apache.datasketches.theta.UpdateSketch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThetaBufferTest {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 63, 64, 65, 1000, 4096})
  void bytes_areTheLibrarys(int values) {
    UpdateSketch library = UpdateSketch.builder().setNominalEntries(4096).build();
    ThetaBuffer buffer = new ThetaBuffer();
    for (int i = 0; i < 2 * values; i++) {
      String value = "v" + i % values;
      library.update(value);
      buffer.update(value.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(buffer.toBytes()).isEqualTo(library.compact(true, null).toByteArray());
    assertThat(ThetaBuffer.ofBytes(buffer.toBytes()).toBytes()).isEqualTo(buffer.toBytes());
  }

  @Test
  void theEmptyText_isAValue() {
    ThetaBuffer buffer = new ThetaBuffer();
    for (String value : new String[] {"", "a", "", "\0"}) {
      buffer.update(value.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(Sketches.wrapSketch(Memory.wrap(buffer.toBytes())).getEstimate()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 40, 64, 500, 100_000})
  void mergingHalves_countsTheWhole(int values) {
    ThetaBuffer one = new ThetaBuffer();
    ThetaBuffer two = new ThetaBuffer();
    UpdateSketch library = UpdateSketch.builder().setNominalEntries(4096).build();
    for (long i = 0; i < values; i++) {
      library.update(i);
      (i % 3 == 0 ? one : two).update(i);
    }
    two.update(0L);
    one.merge(ThetaBuffer.ofBytes(two.toBytes()));
    double estimate = Sketches.wrapSketch(Memory.wrap(one.toBytes())).getEstimate();
    assertThat(estimate).isBetween(Math.max(1, values) * 0.95, Math.max(1, values) * 1.05);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.0, -0.0, 1.5, Double.NaN})
  void doubles_hashAsTheLibraryHashesThem(double value) {
    UpdateSketch library = UpdateSketch.builder().build();
    library.update(value);
    ThetaBuffer buffer = new ThetaBuffer();
    buffer.update(value);
    assertThat(buffer.toBytes()).isEqualTo(library.compact().toByteArray());
  }
}
