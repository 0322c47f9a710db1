package dev.recount.serving.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiffRequestTest {
  @Test
  void parameters_areRead() {
    assertThat(DiffRequest.of(Map.of())).isEqualTo(DiffRequest.any());
    assertThat(
            DiffRequest.of(
                Map.of(
                    "from", List.of("1"),
                    "to", List.of("3"),
                    "by", List.of("status, method", "hour", "status"),
                    "limit", List.of("7"))))
        .isEqualTo(new DiffRequest(1, 3, List.of("status", "method", "hour"), 7));
  }

  @ParameterizedTest
  @CsvSource({
    "from,  0,    'from' must be from 1 to 2147483647",
    "to,    two,  'to' must be from 1 to 2147483647",
    "limit, 1001, 'limit' must be from 1 to 1000",
    "where, x,    found 'where'"
  })
  void whatCannotBeRead_isRefused(String name, String value, String reason) {
    assertThatThrownBy(() -> DiffRequest.of(Map.of(name, List.of(value))))
        .hasMessageStartingWith("Cannot compare versions: ")
        .hasMessageContaining(reason);
  }
}
