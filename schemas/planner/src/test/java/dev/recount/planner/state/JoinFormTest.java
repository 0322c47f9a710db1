package dev.recount.planner.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.recount.core.Json;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewJoin;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.planner.compile.TestSpark;
import dev.recount.planner.compile.ViewCompiler;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which joins a view may have, and what is said of the others. */
class JoinFormTest {
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);

  private static ViewPlan plan(String sql) {
    return plan(sql, Timelines.TWEET, Timelines.FOLLOW);
  }

  private static ViewPlan plan(String sql, EventSchema event, EventSchema state) {
    return COMPILER.plan(ViewFile.parse("v", sql), event, state);
  }

  @Test
  void homeTimelines_areAJoin() {
    ViewFile file = Timelines.view();
    assertThat(COMPILER.events(file)).containsExactly("tweet", "follow");
    ViewPlan plan = COMPILER.plan(file, Timelines.TWEET, Timelines.FOLLOW);
    assertThat(plan.event()).isEqualTo("tweet");
    assertThat(plan.events()).containsExactly("tweet", "follow");
    assertThat(plan.join())
        .isEqualTo(
            new ViewJoin(
                "follow",
                List.of("follower", "followee"),
                List.of(new ViewJoin.Match("followee", "t.author")),
                false));
    assertThat(plan.dimensions())
        .extracting(d -> d.name())
        .containsExactly("user_name", "tweeted_at", "tweet_id", "author", "text");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          tweet t JOIN follow f ON f.followee = t.author AND f.following | followee | false
          tweet t JOIN follow f ON t.author = f.followee AND f.follower = t.text | followee, follower | false
          tweet t JOIN follow f ON t.author = f.followee AND t.text <> f.follower | followee | false
          tweet t LEFT JOIN follow f ON t.author = f.followee | followee | true
          tweet t LEFT OUTER JOIN follow f ON t.author = f.followee AND t.text = f.follower | followee, follower | true
          """)
  void forms_areJoins(String from, String matched, boolean keepsUnmatched) {
    ViewPlan plan = plan("SELECT f.follower AS w, count(*) AS n FROM " + from + " GROUP BY ALL");
    assertThat(plan.join().on())
        .extracting(ViewJoin.Match::field)
        .containsExactly(matched.split(", "));
    assertThat(plan.join().keepsUnmatched()).isEqualTo(keepsUnmatched);
    assertThat(plan.dimension("w").orElseThrow().nullable()).isEqualTo(keepsUnmatched);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          tweet t RIGHT JOIN follow f ON t.author = f.followee | LEFT JOIN
          tweet t FULL JOIN follow f ON t.author = f.followee | LEFT JOIN
          tweet t LEFT SEMI JOIN follow f ON t.author = f.followee | LEFT JOIN
          tweet t CROSS JOIN follow f | a CROSS JOIN
          tweet t, follow f WHERE t.author = f.followee | without ON
          tweet t JOIN follow f ON t.author > f.followee | no equality
          tweet t JOIN follow f ON t.event_time = f.event_time | no equality
          tweet t JOIN follow f ON upper(t.author) = f.followee | no equality
          tweet t JOIN follow f ON t.author = upper(f.followee) | no equality
          tweet t LEFT JOIN follow f ON t.author = f.followee AND f.following | CASE WHEN
          tweet t JOIN tweet f ON t.author = f.author | with itself
          tweet t JOIN follow f ON t.author = f.followee JOIN follow g ON t.author = g.followee | three relations
          (SELECT * FROM tweet WHERE text > 'a') t JOIN follow f ON t.author = f.followee | filter by WHERE
          tweet t JOIN (SELECT * FROM follow WHERE following) f ON t.author = f.followee | filter by WHERE
          """)
  void forms_areRefused(String from, String says) {
    EventSchema state = from.contains("follow") ? Timelines.FOLLOW : null;
    RecountException refused =
        catchThrowableOfType(
            RecountException.class,
            () ->
                plan(
                    "SELECT t.author AS a, count(*) AS n FROM " + from + " GROUP BY ALL",
                    Timelines.TWEET,
                    state));
    assertThat(refused).as(from).isNotNull();
    assertThat(refused.code()).isEqualTo(ErrorCode.VIEW_NOT_MERGEABLE);
    assertThat(refused.getMessage()).contains(says).contains("'v'");
  }

  @Test
  void anEventWithoutAKey_hasNoState() {
    assertThatThrownBy(
            () ->
                plan(
                    "SELECT f.follower, count(*) AS n FROM follow f JOIN tweet t"
                        + " ON t.author = f.followee GROUP BY ALL",
                    Timelines.FOLLOW,
                    Timelines.TWEET))
        .hasMessageContaining("a join with 'tweet'")
        .hasMessageContaining("\"recount\": \"key\"")
        .hasMessageContaining("events/tweet.avsc");
  }

  @Test
  void threeEvents_areRefusedByName() {
    ViewFile file =
        ViewFile.parse("v", "SELECT count(*) AS n FROM a JOIN b ON a.x = b.x JOIN c ON c.x = b.x");
    assertThatThrownBy(() -> COMPILER.events(file)).hasMessageContaining("[a, b, c]");
  }

  @Test
  void catalogsOfBefore_haveViewsWithoutAJoin() {
    ViewPlan plan = COMPILER.plan(TestSpark.shipped("traffic"), TestSpark.PAGE_VIEW);
    String json = Json.write(plan);
    assertThat(Json.read(json, ViewPlan.class)).isEqualTo(plan);
    assertThat(Json.read(json.replace(",\"join\":null", ""), ViewPlan.class)).isEqualTo(plan);
    ViewPlan joining = COMPILER.plan(Timelines.view(), Timelines.TWEET, Timelines.FOLLOW);
    assertThat(Json.read(Json.write(joining), ViewPlan.class)).isEqualTo(joining);
  }
}
