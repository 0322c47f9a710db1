package dev.recount.serving.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class QueryErrorsTest {
  @Test
  void whatIsNotKnown_isNamedWithWhatWasMeant() {
    List<String> known = List.of("page_views", "traffic");
    assertThat(QueryErrors.unknownColumn("pageview", "v", known))
        .hasMessageContaining("did you mean 'page_views'? its columns are");
  }
}
