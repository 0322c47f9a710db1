package dev.recount.batch.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.Json;
import dev.recount.core.catalog.BatchPart;
import dev.recount.core.catalog.Publication;
import java.util.List;
import org.junit.jupiter.api.Test;

class RollbackPartsTest {
  private static final String TABLE = "hits_v1";
  private static final BatchPart BASE = new BatchPart("20240501T100000000", 0, 10, 1000, 99, 2);
  private static final BatchPart ADDED = new BatchPart("20240501T110000000", 10, 20, 10, 9, 1);
  private static final BatchPart OTHER = new BatchPart("20240501T120000000", 0, 30, 1010, 99, 2);

  private static Publication publication(BatchPart... parts) {
    return new Publication(
        parts[parts.length - 1].runId(),
        TABLE,
        "hits",
        1,
        Publication.SERVING,
        "full",
        20,
        1,
        "[]",
        1,
        Json.write(List.of(parts)),
        null,
        null,
        null);
  }

  private static String segment(String run, int number) {
    return TABLE + "_" + run + "_0_" + number;
  }

  private static final List<String> BASE_SEGMENTS =
      List.of(segment(BASE.runId(), 0), segment(BASE.runId(), 1));

  @Test
  void partsThatPinotServes_areKept_andTheOthersAreBuilt() {
    RollbackParts parts =
        RollbackParts.of(publication(BASE, ADDED), publication(BASE, OTHER), BASE_SEGMENTS);
    assertThat(parts.kept()).containsExactly(BASE);
    assertThat(parts.built()).containsExactly(ADDED);
    assertThat(parts.keptSegments()).isEqualTo(2);
    assertThat(parts.builtRows()).isEqualTo(10);
    assertThat(parts.builtBytes()).isEqualTo(9);
  }

  @Test
  void partWithASegmentMissing_isBuilt() {
    RollbackParts parts =
        RollbackParts.of(publication(BASE), publication(BASE), BASE_SEGMENTS.subList(0, 1));
    assertThat(parts.kept()).isEmpty();
    assertThat(parts.built()).containsExactly(BASE);
  }

  @Test
  void withoutAnythingServed_allAreBuilt() {
    assertThat(RollbackParts.of(publication(BASE, ADDED), null, List.of()).built())
        .containsExactly(BASE, ADDED);
  }

  /** They are kept under the names that the roll-back gave them. */
  @Test
  void partThatAnotherRollBackBuilt_isKeptAsItIs() {
    BatchPart built = BASE.builtBy("20240502T100000000", 1);
    List<String> served =
        List.of(
            segment("20240502T100000000_" + BASE.runId(), 0), TABLE + "_20240502T100000000_cut_0");
    RollbackParts parts = RollbackParts.of(publication(BASE), publication(built), served);
    assertThat(parts.kept()).containsExactly(built);
    assertThat(parts.built()).isEmpty();
  }

  @Test
  void partsAreRead_alsoWhereNobodyHadBuiltThemAgain() {
    String old =
        "[{\"run_id\":\"r\",\"from_ms\":1,\"cut_ms\":2,\"rows\":3,\"bytes\":4,\"segments\":5}]";
    Publication publication =
        new Publication(
            "r", TABLE, "hits", 1, "SERVING", "full", 2, 3, "[]", 1, old, null, null, null);
    assertThat(publication.parts()).containsExactly(new BatchPart("r", 1, 2, 3, 4, 5));
  }
}
