package dev.recount.serving.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import org.junit.jupiter.api.Test;

class AnswerTextTest {
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
}
