package dev.recount.batch.audit;

import dev.recount.batch.archive.ArchiveAudit;
import dev.recount.batch.archive.ArchiveReport;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code recount audit}. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = {
      "Recounts from the raw archive and compares with what is served, group by group.",
      "'audit archive' checks the archive itself. Exits with 1 on any difference, or if a view cannot",
      "be compared; the other views still are."
    })
public final class AuditCommand implements Callable<Integer> {
  /** How the report is printed. */
  enum Format {
    text,
    json
  }

  private static final String ARCHIVE = "archive";

  @Mixin private HomeOptions home;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "VIEW|archive",
      description = "Views, or 'archive' alone (default: all views).")
  private List<String> targets = new ArrayList<>();

  @Option(names = "--format", description = "How the report is printed: ${COMPLETION-CANDIDATES}.")
  private Format format = Format.text;

  @Override
  public Integer call() {
    RecountConfig config = home.config();
    try (Catalog catalog = Catalog.open(config)) {
      if (targets.equals(List.of(ARCHIVE))) {
        return auditArchive(config, catalog);
      }
      AuditReport report =
          new ViewAuditor(config, catalog, Clock.systemUTC(), Progress.ofProcess()).audit(targets);
      print(format == Format.json ? Json.write(report) : report.text());
      return report.equal() ? 0 : 1;
    }
  }

  private int auditArchive(RecountConfig config, Catalog catalog) {
    ArchiveAudit audit = new ArchiveAudit(config, new Configuration());
    List<ArchiveReport> reports = catalog.events().names().stream().map(audit::scan).toList();
    if (format == Format.json) {
      print(Json.write(reports));
    } else {
      reports.forEach(report -> print(report.text()));
    }
    return reports.stream().allMatch(ArchiveReport::isSound) ? 0 : 1;
  }

  private void print(String text) {
    spec.commandLine().getOut().println(text);
  }
}
