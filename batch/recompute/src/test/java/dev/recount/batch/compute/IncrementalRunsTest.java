package dev.recount.batch.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.view.TimeRange;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.SparkSessions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any sequence of full and incremental runs and of backfills, some of them killed, and of
 * roll-backs, over a random archive: the parts that are then served add up to what a full run
 * counts, for views of every kind.
 */
class IncrementalRunsTest {
  private static final List<String> VIEWS =
      List.of(
          """
          -- @time hour
          SELECT date_trunc('HOUR', sold) AS hour, shop, count(*) AS sales, sum(amount) AS total,
            min(amount) AS least, max(amount) AS most, avg(amount) AS mean,
            max_by(amount, sold) AS newest, max(id) AS last_id, theta_sketch_agg(id) AS ids,
            hll_agg(amount) AS amounts
          FROM sale GROUP BY ALL""",
          """
          -- @distinct id
          -- @time third
          SELECT timestamp_seconds(unix_seconds(sold) div 28800 * 28800) AS third, shop,
            count(*) AS sales, sum(amount) AS total
          FROM sale GROUP BY ALL""",
          "SELECT count(*) AS sales, min(shop) AS first_shop FROM sale WHERE amount > 10",
          "SELECT shop FROM sale GROUP BY shop",
          """
          -- @time day
          SELECT date_trunc('DAY', s.sold) AS day, o.name AS owner, count(*) AS sales,
            sum(s.amount) AS total
          FROM sale s LEFT JOIN owner o ON s.shop = o.shop GROUP BY ALL""");

  /** More of them: -Psoak. */
  private static final int STORIES = Integer.getInteger("recount.test.factor", 1);

  private static final int STEPS = STORIES > 1 ? 6 : 4;

  @TempDir private static Path root;
  private static SparkSession spark;
  private static List<ViewPlan> plans;

  @BeforeAll
  static void start() {
    spark = SparkSessions.local("incremental runs", 2);
    spark.conf().set("spark.sql.shuffle.partitions", "2");
    ViewCompiler compiler = new ViewCompiler(spark);
    plans = new ArrayList<>();
    for (int i = 0; i < VIEWS.size(); i++) {
      plans.add(
          compiler.plan(
              ViewFile.parse("v" + i, VIEWS.get(i)),
              ArchiveStory.SALE,
              VIEWS.get(i).contains("JOIN") ? ArchiveStory.OWNER : null));
    }
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @ParameterizedTest
  @MethodSource("stories")
  void anySequenceOfRuns_addsUpToAFullRun(int seed) throws IOException {
    ArchiveStory story = new ArchiveStory(spark, root, seed, plans);
    story.arrive();
    story.run(true, false);
    for (int step = 1; step < STEPS; step++) {
      story.arrive();
      story.run(story.random.nextInt(6) == 0, story.random.nextInt(4) == 0);
      if (STORIES > 1 && story.random.nextInt(4) == 0 && story.hasMoreThanOneRun()) {
        story.rollBack();
      }
      story.backfillSome();
    }
    story.checkEqualToAFullRun();
    while (!story.hasMoreThanOneRun()) {
      story.arrive();
      story.run(false, false);
    }
    story.rollBack();
    story.checkEqualToAFullRun();
    story.arrive();
    story.run(false, false);
    story.checkEqualToAFullRun();
    story.catalog.close();
    assertThat(story.most).as("parts at a time").isBetween(2, 6);
  }

  /** Events that a broker's clock dated before a cut that had passed are in no increment. */
  @Test
  void backfill_countsItsRangeAnew_andLeavesAllElseAsItWas() throws IOException {
    ArchiveStory story = new ArchiveStory(spark, root, 0, plans.subList(0, 1));
    story.arrive();
    story.run(true, false);
    story.arrive();
    story.run(false, false);
    ViewPlan plan = plans.get(0);
    List<String> before = story.served(plan);
    story.arriveLate();
    assertThat(story.served(plan)).isEqualTo(before);
    TimeRange asked = new TimeRange(5 * ArchiveStory.HOUR_MS + 1, 17 * ArchiveStory.HOUR_MS + 7);

    story.backfill(plan, asked, true);
    assertThat(story.served(plan)).as("half of it is done").isEqualTo(before);
    story.backfill(plan, asked, false);

    assertThat(story.resumed).isPositive();
    List<String> anew = story.anew(plan);
    List<String> after = story.served(plan);
    assertThat(inside(after)).isEqualTo(inside(anew)).isNotEqualTo(inside(before));
    assertThat(outside(after)).isEqualTo(outside(before)).isNotEqualTo(outside(anew));

    story.backfill(
        plan, new TimeRange(40 * ArchiveStory.HOUR_MS, 50 * ArchiveStory.HOUR_MS), false);
    assertThat(story.served(plan)).as("a range without events").isEqualTo(after);
    story.backfill(plan, new TimeRange(0, ArchiveStory.HOURS * ArchiveStory.HOUR_MS), false);
    assertThat(story.served(plan)).isEqualTo(anew);
    story.catalog.close();
  }

  /** The hours from the sixth to the eighteenth. */
  private static boolean isInside(String row) {
    long hour = Long.parseLong(row.substring(1, row.indexOf(',')));
    return hour >= 5 * ArchiveStory.HOUR_MS && hour < 18 * ArchiveStory.HOUR_MS;
  }

  private static List<String> inside(List<String> rows) {
    return rows.stream().filter(IncrementalRunsTest::isInside).toList();
  }

  private static List<String> outside(List<String> rows) {
    return rows.stream().filter(row -> !isInside(row)).toList();
  }

  private static IntStream stories() {
    return IntStream.rangeClosed(1, STORIES);
  }
}
