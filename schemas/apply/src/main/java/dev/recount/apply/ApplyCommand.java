package dev.recount.apply;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.HeldLease;
import dev.recount.core.catalog.Lease;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.SparkSessions;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code recount apply}: checks everything, then does what is missing. */
@Command(
    name = "apply",
    mixinStandardHelpOptions = true,
    description = "Makes the topics, tables and catalog entries of all events and views.")
final class ApplyCommand implements Callable<Integer> {
  @Mixin private HomeOptions home;
  @Mixin private SchemasOption schemas;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    RecountConfig config = home.config();
    PrintWriter out = spec.commandLine().getOut();
    Clock clock = Clock.systemUTC();
    try (Catalog catalog = Catalog.open(config)) {
      SparkSession spark = SparkSessions.local("recount apply", 1);
      try {
        ViewCompiler compiler = new ViewCompiler(spark);
        CheckedSchemas checked =
            CheckedSchemas.read(
                schemas.folder(), compiler, config.events().maxSizeBytes(), clock.instant());
        try (HeldLease lease = turn(catalog)) {
          Difference difference =
              Difference.of(checked, catalog, compiler, config, clock.instant());
          int problems = PlanCommand.problems(checked, spec.commandLine().getErr());
          if (problems == 0) {
            new Applier(config, catalog, clock, out::println, lease::requireHeld)
                .apply(checked, difference);
          }
          out.flush();
          PlanCommand.warn(difference, spec.commandLine().getErr());
          return problems;
        }
      } finally {
        spark.stop();
      }
    }
  }

  /** Two that apply at once, or one that drops meanwhile, would number the same version. */
  private HeldLease turn(Catalog catalog) {
    return HeldLease.await(
        catalog.leases(),
        Lease.SCHEMAS,
        "recount apply (" + UUID.randomUUID() + ")",
        () -> {
          spec.commandLine().getErr().println("Waiting for another apply or drop to end ...");
          spec.commandLine().getErr().flush();
        });
  }
}
