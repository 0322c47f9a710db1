package dev.recount.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
  private static final List<String> VIEWS = List.of("traffic", "page_views", "sessions");

  @ParameterizedTest
  @CsvSource({
    "trafic, did you mean 'traffic'? ",
    "TRAFFIC, did you mean 'traffic'? ",
    "pageviews, did you mean 'page_views'? ",
    "likes, ''",
    "x, ''",
    "'', ''",
  })
  void whatWasMeant_isAskedWhereItIsNear(String name, String hint) {
    assertThat(Nearest.hint(name, VIEWS).strip()).isEqualTo(hint.strip());
    assertThat(Nearest.of(name, List.of())).isEmpty();
    assertThat(Nearest.ofAll(name, VIEWS)).isPresent();
  }
}
