package dev.recount.serving.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class QueryErrorsTest {
  @Test
  void whatIsNotKnown_isNamedWithWhatWasMeant() {
    List<String> known = List.of("page_views", "traffic");
    assertThat(QueryErrors.unknownView("trafic", known))
        .hasMessageContaining(
            "'trafic': did you mean 'traffic'? the views are page_views, traffic");
    assertThat(QueryErrors.unknownView("likes", known))
        .hasMessageContaining("'likes': the views are page_views, traffic");
    assertThat(QueryErrors.unknownView("likes", List.of())).hasMessageContaining("recount apply");
    assertThat(QueryErrors.unknownColumn("pageview", "v", known))
        .hasMessageContaining("did you mean 'page_views'? its columns are");
  }
}
