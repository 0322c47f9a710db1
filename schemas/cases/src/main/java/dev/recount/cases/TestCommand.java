package dev.recount.cases;

import dev.recount.apply.CheckedSchemas;
import dev.recount.apply.SchemasOption;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.SparkSessions;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code recount test}: runs the tests of views, without a server. */
@Command(
    name = "test",
    mixinStandardHelpOptions = true,
    description =
        "Runs the cases in tests/*.yaml: each through both layers, for every position of the cut. "
            + "Needs no running stack.")
final class TestCommand implements Callable<Integer> {
  private enum Format {
    TABLE,
    JSON
  }

  @Mixin private HomeOptions home;
  @Mixin private SchemasOption schemas;
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "VIEW",
      description = "Only the tests of these views (default: all).")
  private List<String> views = new ArrayList<>();

  @Option(names = "--case", paramLabel = "NAME", description = "Only the cases with this name.")
  private String name;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "TABLE",
      description = "table or json (default: table).")
  private Format format;

  @Override
  public Integer call() {
    Clock clock = Clock.systemUTC();
    long started = clock.millis();
    CompletableFuture<PinotEngine> pinot = CompletableFuture.supplyAsync(PinotEngine::load);
    RecountConfig config = home.config();
    SparkSession spark = session();
    try {
      ViewCompiler compiler = new ViewCompiler(spark);
      CheckedSchemas checked =
          CheckedSchemas.read(
              schemas.folder(), compiler, config.events().maxSizeBytes(), clock.instant());
      CasesReport report =
          new FolderRun(schemas.folder(), views, name, Progress.ofProcess())
              .run(checked, new ViewCases(spark, config, compiler, pinot::join));
      print(report, clock.millis() - started);
      return report.exitCode();
    } finally {
      spark.stop();
    }
  }

  private static SparkSession session() {
    SparkSession spark = SparkSessions.local("recount test", 1);
    // What a case joins or is distinct by is a handful of rows.
    spark.conf().set("spark.sql.shuffle.partitions", "1");
    return spark;
  }

  private void print(CasesReport report, long ms) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(format == Format.JSON ? report.json(ms) : report.text(ms));
    out.flush();
    PrintWriter err = spec.commandLine().getErr();
    report.problems().forEach(p -> err.println(p.code() + ": " + p.getMessage()));
    err.flush();
  }
}
