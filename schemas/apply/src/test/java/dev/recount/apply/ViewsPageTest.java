package dev.recount.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventSchema;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.EventRows;
import dev.recount.planner.state.JoinedRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/views.md are views. */
class ViewsPageTest {
  private static final EventSchema TWEET = example("tweet");
  private static final EventSchema FOLLOW = example("follow");
  private static final Path PAGE = TestSpark.SCHEMAS.resolveSibling("docs").resolve("views.md");
  private static final Pattern BLOCK = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL);
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);

  private static List<ViewPlan> examples() throws IOException {
    List<ViewPlan> plans = new ArrayList<>();
    Matcher blocks = BLOCK.matcher(Files.readString(PAGE));
    while (blocks.find()) {
      ViewFile file = ViewFile.parse("example_" + plans.size(), blocks.group(1));
      plans.add(
          COMPILER.events(file).size() == 2
              ? COMPILER.plan(file, TWEET, FOLLOW)
              : COMPILER.plan(file, TestSpark.PAGE_VIEW));
    }
    return plans;
  }

  @Test
  void everyExample_isPlannedAndRuns() throws IOException {
    List<ViewPlan> plans = examples();
    assertThat(plans).hasSizeGreaterThanOrEqualTo(3);
    for (ViewPlan plan : plans) {
      var none = TestSpark.SESSION.createDataFrame(List.of(), type(plan));
      assertThat(COMPILER.aggregate(plan, none).columns())
          .containsExactlyElementsOf(ViewCompiler.columns(plan));
    }
  }

  private static StructType type(ViewPlan plan) {
    if (plan.join() == null) {
      return EventRows.type(TestSpark.PAGE_VIEW);
    }
    StructType type = EventRows.type(TWEET);
    for (StructField field : JoinedRows.columns(plan.join(), EventRows.type(FOLLOW)).fields()) {
      type = type.add(field);
    }
    return type;
  }

  @Test
  void everyKindOfMeasure_isInAnExample() throws IOException {
    assertThat(examples().stream().flatMap(p -> p.measures().stream()).map(m -> m.kind()))
        .contains(
            MeasureKind.COUNT,
            MeasureKind.SUM,
            MeasureKind.MAX,
            MeasureKind.MAX_BY,
            MeasureKind.AVERAGE,
            MeasureKind.THETA,
            MeasureKind.HLL,
            MeasureKind.TDIGEST,
            MeasureKind.FORMULA);
  }

  @Test
  void viewOverView_isRefused(@TempDir Path folder) throws IOException {
    Files.createDirectories(folder.resolve("events"));
    Files.createDirectories(folder.resolve("views"));
    Files.copy(
        TestSpark.SCHEMAS.resolve("events/page_view.avsc"),
        folder.resolve("events/page_view.avsc"));
    Files.writeString(
        folder.resolve("views/pages.sql"),
        "SELECT page_url, count(*) AS n FROM page_view GROUP BY ALL");
    Files.writeString(
        folder.resolve("views/sites.sql"), "SELECT sum(n) AS n FROM pages GROUP BY ALL");
    CheckedSchemas checked = CheckedSchemas.read(folder, COMPILER, 1 << 20, Instant.EPOCH);
    assertThat(checked.problems()).hasSize(1);
    assertThatThrownBy(
            () -> {
              throw checked.problems().get(0);
            })
        .hasMessageContaining("'sites'")
        .hasMessageContaining("'pages' is a view")
        .hasMessageContaining("write its GROUP BY over the event");
  }

  private static EventSchema example(String event) {
    return EventSchema.read(TestSpark.SCHEMAS.resolve("examples/events/" + event + ".avsc"));
  }
}
