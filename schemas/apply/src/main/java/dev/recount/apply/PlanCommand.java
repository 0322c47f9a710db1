package dev.recount.apply;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.HomeOptions;
import dev.recount.error.ErrorCode;
import dev.recount.error.ErrorKind;
import dev.recount.error.RecountException;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.SparkSessions;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code recount plan}: checks every event and view, and shows what apply would do. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    description = "Checks events and views, and shows what apply would do.")
final class PlanCommand implements Callable<Integer> {
  private enum Format {
    TABLE,
    JSON
  }

  @Mixin private HomeOptions home;
  @Mixin private SchemasOption schemas;
  @Spec private CommandSpec spec;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "TABLE",
      description = "table or json (default: table).")
  private Format format;

  @Override
  public Integer call() {
    Instant now = Clock.systemUTC().instant();
    SparkSession spark = SparkSessions.local("recount plan", 1);
    try {
      ViewCompiler compiler = new ViewCompiler(spark);
      CheckedSchemas checked =
          CheckedSchemas.read(
              schemas.folder(), compiler, home.config().events().maxSizeBytes(), now);
      PrintWriter err = spec.commandLine().getErr();
      Optional<Difference> difference = difference(checked, compiler, now, err);
      PlanReport report =
          PlanReport.of(checked, difference, home.config().speed().distinctHorizon(), now);
      spec.commandLine().getOut().println(format == Format.JSON ? report.json() : report.table());
      spec.commandLine().getOut().flush();
      difference.ifPresent(d -> warn(d, err));
      return problems(checked, err);
    } finally {
      spark.stop();
    }
  }

  private Optional<Difference> difference(
      CheckedSchemas checked, ViewCompiler compiler, Instant now, PrintWriter err) {
    try (Catalog catalog = Catalog.open(home.config())) {
      return Optional.of(Difference.of(checked, catalog, compiler, home.config(), now));
    } catch (RecountException e) {
      if (e.code() != ErrorCode.CATALOG_UNAVAILABLE) {
        throw e;
      }
      err.println("The files were checked. Differences from what runs cannot be shown:");
      err.println("the catalog does not answer (recount up, recount status).");
      return Optional.empty();
    }
  }

  /** Prints what works, but probably not as it was meant. */
  static void warn(Difference difference, PrintWriter err) {
    difference.warnings().forEach(warning -> err.println("WARNING: " + warning));
    err.flush();
  }

  /** Prints all problems; the exit code that follows from them. */
  static int problems(CheckedSchemas checked, PrintWriter err) {
    checked.problems().forEach(p -> err.println(p.code() + ": " + p.getMessage()));
    err.flush();
    return checked.problems().isEmpty() ? 0 : ErrorKind.USER.exitCode();
  }
}
