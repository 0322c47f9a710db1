package dev.recount.cases;

import dev.recount.core.cases.CaseFile;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.VersionTests;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.SparkSessions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/** Runs the cases that {@code apply} has kept with a version of a view. */
public final class KeptCases implements VersionTests {
  @Override
  public List<String> failures(RecountConfig config, Catalog catalog, ViewVersion version) {
    Optional<CaseFile> file = catalog.cases().of(version.viewName(), version.version());
    if (file.isEmpty()) {
      return List.of();
    }
    CompletableFuture<PinotEngine> pinot = CompletableFuture.supplyAsync(PinotEngine::load);
    SparkSession spark = SparkSessions.local("recount version", 1);
    spark.conf().set("spark.sql.shuffle.partitions", "1");
    List<EventSchema> events =
        version.plan().events().stream()
            .map(event -> catalog.events().schema(event).orElseThrow())
            .toList();
    List<CaseResult> results =
        new ViewCases(spark, config, new ViewCompiler(spark), pinot::join)
            .run(version.plan(), events, file.get(), file.get().cases());
    return Stream.concat(
            file.get().problems().stream().map(RecountException::getMessage),
            results.stream().filter(r -> !r.passed()).map(KeptCases::text))
        .toList();
  }

  private static String text(CaseResult result) {
    return String.join("\n", CasesReport.text(result));
  }
}
