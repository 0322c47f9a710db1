package dev.recount.serving.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerTextTest {
  private static String batch(String from, String stateFrom) {
    return AnswerText.provenance(
        Json.read(
            """
            {"mode": "batch", "view": "v", "version": 1, "complete": true, "batch": {"run_id": "r",
             "from": %s, "cut": "2024-05-02T00:00:00Z", "rows": 3, "segments": 2},
             "state": {"event": "e", "key": ["k"], "from": %s}}"""
                .formatted(from, stateFrom),
            JsonNode.class));
  }

  @Test
  void whereTheArchiveBegins_isSaid_ifItHasLostWhatWasBefore() {
    String all = "batch, v v1: batch run r (3 rows, all that arrived before 2024-05-02T00:00:00Z)";
    assertThat(batch("null", "null")).isEqualTo(all + "; joined with the state of e as of arrival");
    assertThat(batch("\"2024-05-01T00:00:00Z\"", "\"2024-04-01T00:00:00Z\""))
        .isEqualTo(
            all.replace("arrived", "arrived from 2024-05-01T00:00:00Z on and")
                + "; joined with the state of e as of arrival, which batch knows since"
                + " 2024-04-01T00:00:00Z");
  }

  /** As the serving process writes them. */
  @Test
  void rows_areCsv_orAnObjectALine() {
    JsonNode answer =
        Json.read(
            """
            {"columns": [{"name": "page, or \\"path\\""}, {"name": "n"}],
             "rows": [["a,\\"b\\"\\nc", 9007199254740993], ["", null], [null, -1]]}
            """,
            JsonNode.class);
    assertThat(AnswerText.csv(answer))
        .isEqualTo(
            """
            "page, or ""path""\",n
            "a,""b""
            c",9007199254740993
            "",
            ,-1
            """);
    assertThat(AnswerText.ndjson(answer))
        .isEqualTo(
            """
            {"page, or \\"path\\"":"a,\\"b\\"\\nc","n":9007199254740993}
            {"page, or \\"path\\"":"","n":null}
            {"page, or \\"path\\"":null,"n":-1}
            """);
  }

  @Test
  void moment_isSaid() {
    JsonNode provenance =
        Json.read(
            """
            {"mode": "merged", "view": "v", "version": 2, "as_of": "2024-05-02T00:00:10Z",
             "complete": true}
            """,
            JsonNode.class);
    assertThat(AnswerText.provenance(provenance))
        .isEqualTo("merged, v v2 as of 2024-05-02T00:00:10Z: nothing yet");
  }

  @Test
  void estimates_areNamed_withTheirErrorWhereThereIsOne() {
    JsonNode provenance =
        Json.read(
            """
            {"mode": "merged", "view": "v", "version": 1, "complete": true, "approximate": [
              {"column": "visitors", "relative_standard_error": 0.015625},
              {"column": "p95", "relative_standard_error": null}]}
            """,
            JsonNode.class);
    assertThat(AnswerText.provenance(provenance))
        .isEqualTo(
            "merged, v v1: nothing yet; visitors is an estimate within 1.6 % (one standard error);"
                + " p95 is an estimate");
  }

  @Test
  void whatCameLate_andWhatWasRejected_isSaidIfThereIsAny() {
    String provenance =
        """
        {"mode": "merged", "view": "v", "version": 1, "complete": true, "batch": {
          "run_id": "r", "rows": 5, "cut": "2024-04-30T12:00:00Z",
          "finished": "2024-04-30T12:01:00Z"},
         "speed": {"rows": 3, "freshness_ms": 400, "late_events": %s},
         "dead_letters_since_cut": %s}
        """;
    String batch =
        "merged, v v1: batch run r (5 rows, all that arrived before 2024-04-30T12:00:00Z, finished"
            + " 2024-04-30T12:01:00Z)";
    assertThat(AnswerText.provenance(Json.read(provenance.formatted(2, 4), JsonNode.class)))
        .isEqualTo(
            batch + " + speed (3 rows, 2 late events, 0.4 s behind); 4 dead letters since the cut");
    for (String none : List.of("0", "null")) {
      assertThat(AnswerText.provenance(Json.read(provenance.formatted(none, none), JsonNode.class)))
          .isEqualTo(batch + " + speed (3 rows, 0.4 s behind)");
    }
  }

  @Test
  void answerOfARollBack_saysOfWhichRunItIs() {
    JsonNode provenance =
        Json.read(
            """
            {"mode": "batch", "view": "v", "version": 1, "complete": true, "batch": {
              "run_id": "20240501T120000000", "rolled_back_to": "20240430T120000000", "rows": 5,
              "cut": "2024-04-30T12:00:00Z"}}
            """,
            JsonNode.class);
    assertThat(AnswerText.provenance(provenance))
        .isEqualTo(
            "batch, v v1: batch run 20240501T120000000, rolled back to run 20240430T120000000 (5"
                + " rows, all that arrived before 2024-04-30T12:00:00Z)");
  }

  @Test
  void howFarBackCopiesAreKnown_isSaidAsPeopleWriteIt() {
    JsonNode provenance =
        Json.read(
            """
            {"mode": "speed", "view": "v", "version": 1, "complete": true,
             "distinct": {"field": "event_id", "horizon_ms": 1800000}}
            """,
            JsonNode.class);
    assertThat(AnswerText.provenance(provenance))
        .endsWith("; each event_id counts once, copies known as far back as 30 minutes by speed");
  }
}
