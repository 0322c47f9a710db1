package dev.recount.infra.clients.pinot;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RealtimeSegmentTest {
  private static final String DONE =
      """
      {"segment.realtime.status": "DONE", "segment.realtime.startOffset": "12",
       "segment.total.docs": "34", "segment.end.time": "56"}""";
  private static final String IN_PROGRESS =
      """
      {"segment.realtime.status": "IN_PROGRESS", "segment.realtime.startOffset": "12",
       "segment.total.docs": "-1", "segment.end.time": "-1"}""";

  private static RealtimeSegment.State state(String metadata, String... copies) {
    return RealtimeSegment.State.of(Json.read(metadata, JsonNode.class), Set.of(copies));
  }

  @Test
  void name_hasPartitionAndSequence_whateverTheTablesName() {
    assertThat(RealtimeSegment.named("page__views_v1__1__23__20260102T0304Z"))
        .contains(new RealtimeSegment("page__views_v1__1__23__20260102T0304Z", 1, 23));
    assertThat(RealtimeSegment.named("uploaded_0")).isEmpty();
  }

  @Test
  void aSegmentIsComplete_onceAllOfPinotKnowsIt() {
    assertThat(state(DONE, "ONLINE")).isEqualTo(new RealtimeSegment.State(true, false, 12, 34, 56));
    assertThat(state(DONE).isComplete()).as("while it is being deleted").isTrue();
    assertThat(state(DONE, "CONSUMING").isComplete()).as("while it is committed").isFalse();
    assertThat(state(IN_PROGRESS, "CONSUMING").isComplete()).isFalse();
  }

  @Test
  void aSegmentIsGivenUp_whereNoServerReadsIt() {
    assertThat(state(IN_PROGRESS, "OFFLINE").isGivenUp()).isTrue();
    assertThat(state(IN_PROGRESS, "OFFLINE", "CONSUMING").isGivenUp()).isFalse();
    assertThat(state(DONE, "OFFLINE").isGivenUp()).isFalse();
  }

  @Test
  void whatIsConsumed_isWhatTheNewestSegmentSays_andOlderOnesThatStillConsume() {
    String info =
        """
        {"_segmentToConsumingInfoMap": {
          "t__0__0__x": [{"consumerState": "NOT_CONSUMING", "partitionToOffsetMap": {"0": "0"}}],
          "t__0__7__x": [{"consumerState": "CONSUMING", "partitionToOffsetMap": {"0": "1498"}}],
          "t__1__3__x": [{"consumerState": "CONSUMING", "partitionToOffsetMap": {"1": "20"}}],
          "t__1__4__x": [{"consumerState": "CONSUMING", "partitionToOffsetMap": {"1": "25"}},
                         {"consumerState": "CONSUMING", "partitionToOffsetMap": {"1": "22"}}],
          "t__2__1__x": [{"consumerState": "NOT_CONSUMING", "partitionToOffsetMap": {"2": "9"}}]}}""";
    assertThat(PinotController.consumed(Json.read(info, JsonNode.class)))
        .isEqualTo(Map.of(0, 1498L, 1, 20L, 2, 9L));
  }
}
