package dev.recount.batch.audit;

import dev.recount.batch.archive.ArchiveAudit;
import dev.recount.batch.archive.ArchiveReading;
import dev.recount.batch.archive.ArchiveReport;
import dev.recount.batch.run.DueViews;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.HeldLease;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.version.VersionReport;
import dev.recount.core.version.Versions;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
      "With --absorbed, only what arrived since the last such audit and is covered by batch by now is"
          + " recounted, and compared with what the speed layer had served of it.",
      "'audit archive' checks the archive itself. Exits with 1 on any difference, or if a view cannot"
          + " be compared; the other views still are."
    })
public final class AuditCommand implements Callable<Integer> {
  /** How the report is printed. */
  enum Format {
    text,
    json
  }

  private static final String ARCHIVE = "archive";
  private static final String LEASE = "audit";

  @Mixin private HomeOptions home;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "VIEW|archive",
      description =
          "Views, versions such as VIEW@2, or 'archive' alone (default: all versions of all views).")
  private List<String> targets = new ArrayList<>();

  @Option(
      names = "--absorbed",
      description = "Compare what speed had served of what batch has absorbed since the last time.")
  private boolean absorbed;

  @Option(
      names = "--due",
      description =
          "The same of the views whose '-- @audit' has fired since the last time; of none, if"
              + " another such audit runs.")
  private boolean due;

  @Option(names = "--format", paramLabel = "FORMAT", description = "text or json (default: text).")
  private Format format = Format.text;

  @Override
  public Integer call() {
    RecountConfig config = home.config();
    Clock clock = Clock.systemUTC();
    try (Catalog catalog = Catalog.open(config)) {
      if (targets.equals(List.of(ARCHIVE))) {
        requireNoArchive();
        return auditArchive(config, catalog);
      }
      try {
        return due ? auditDue(config, catalog, clock) : auditViews(config, catalog, clock);
      } finally {
        catalog.audits().prune(config.audit().history());
      }
    }
  }

  private void requireNoArchive() {
    if (absorbed || due) {
      throw RecountException.of(
          ErrorCode.USAGE, "Cannot use --absorbed or --due with 'archive': they are for views");
    }
  }

  private int auditViews(RecountConfig config, Catalog catalog, Clock clock) {
    List<ViewPlan> plans = new DueViews(catalog).choose(targets);
    Progress progress = Progress.ofProcess();
    if (absorbed) {
      return auditAbsorbed(config, catalog, clock, plans);
    }
    AuditReport report =
        new ViewAuditor(config, catalog, clock, progress).audit(whole(catalog, plans, progress));
    print(format == Format.json ? Json.write(report) : report.text());
    return report.equal() ? 0 : 1;
  }

  /** Two schedulers may start this at once: one of them audits. */
  private int auditDue(RecountConfig config, Catalog catalog, Clock clock) {
    Optional<HeldLease> lease =
        HeldLease.take(catalog.leases(), LEASE, UUID.randomUUID().toString());
    if (lease.isEmpty()) {
      return auditAbsorbed(config, catalog, clock, List.of());
    }
    try {
      DueAudits audits = new DueAudits(catalog, clock);
      return auditAbsorbed(
          config,
          catalog,
          clock,
          new DueViews(catalog).choose(targets).stream().filter(audits::isDue).toList());
    } finally {
      lease.get().close();
    }
  }

  private int auditAbsorbed(
      RecountConfig config, Catalog catalog, Clock clock, List<ViewPlan> plans) {
    AbsorbedReport report =
        new AbsorbedAuditor(config, catalog, clock, Progress.ofProcess()).audit(plans);
    print(format == Format.json ? Json.write(report) : report.text());
    return report.equal() ? 0 : 1;
  }

  /** A version that readers do not see yet, and that was not asked for, need not be whole yet. */
  private List<ViewPlan> whole(Catalog catalog, List<ViewPlan> plans, Progress progress) {
    Map<String, VersionReport> reports =
        new Versions(catalog)
            .list().stream().collect(Collectors.toMap(VersionReport::table, report -> report));
    List<ViewPlan> whole = new ArrayList<>();
    for (ViewPlan plan : plans) {
      VersionReport report = reports.get(plan.table());
      boolean isBorn = report == null || report.promotable();
      if (isBorn
          || report.state().equals(VersionReport.ACTIVE)
          || targets.contains(plan.versionName())) {
        whole.add(plan);
      } else {
        progress.say("Leaving out " + plan.versionName() + ": " + report.reason());
      }
    }
    return whole;
  }

  private int auditArchive(RecountConfig config, Catalog catalog) {
    ArchiveAudit audit = new ArchiveAudit(config, new Configuration());
    List<String> events = catalog.events().names();
    List<ArchiveReport> reports;
    try (ArchiveReading reading = ArchiveReading.begin(catalog, events)) {
      reports = events.stream().map(audit::scan).toList();
      reading.requireHeld();
    }
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
