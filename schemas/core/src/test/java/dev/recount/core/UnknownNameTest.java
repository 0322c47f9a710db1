package dev.recount.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UnknownNameTest {
  @Test
  void name_isShownWithWhatWasMeant() {
    List<String> known = List.of("page_views", "traffic");
    assertThat(UnknownName.view("trafic", known))
        .hasMessage(
            "Cannot find the view 'trafic': did you mean 'traffic'? the views are page_views,"
                + " traffic");
    assertThat(UnknownName.view("likes", known))
        .hasMessageContaining("'likes': the views are page_views, traffic");
    assertThat(UnknownName.view("likes", List.of())).hasMessageContaining("recount apply");
    assertThat(UnknownName.event("likes", List.of("like")))
        .hasMessage("Cannot find the event 'likes': did you mean 'like'? the events are like");
  }

  @Test
  void whoMayNotKnowOfAll_isToldOfTheirOwnOnly() {
    RecountException views = UnknownName.view("trafic@2", List.of("traffic@1", "secret@1"));
    assertThat(UnknownName.among(views, "traffic"::equals, event -> false))
        .hasMessageEndingWith("'trafic@2': did you mean 'traffic@1'? the views are traffic@1");
    RecountException none = UnknownName.among(views, view -> false, event -> true);
    assertThat(none).hasMessage("Cannot find the view 'trafic@2': there is no such view");
    assertThat(none.details()).isEqualTo(Map.of("view", "trafic@2"));
    assertThat(UnknownName.among(views, view -> true, event -> false)).isSameAs(views);
    RecountException events = UnknownName.event("likes", List.of("like", "secret"));
    assertThat(UnknownName.among(events, view -> true, "like"::equals).details().get("events"))
        .isEqualTo(List.of("like"));
    RecountException other = new RecountException(ErrorCode.NOT_FOUND, "Cannot find it");
    assertThat(UnknownName.among(other, view -> false, event -> false)).isSameAs(other);
  }
}
