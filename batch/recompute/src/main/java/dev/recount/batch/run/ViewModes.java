package dev.recount.batch.run;

import dev.recount.batch.compute.DueView;
import dev.recount.batch.lake.RunFolders;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.FullRunDue;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.cli.Progress;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.pinot.PinotController;
import dev.recount.planner.table.PinotTables;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Decides what a run does for a view: an incremental run is full where it cannot be right. */
public final class ViewModes {
  /** To be raised by whoever changes what is computed of the same events: all are counted anew. */
  static final int ROW_VERSION = 1;

  private final Catalog catalog;
  private final PinotController controller;
  private final PinotTables tables;
  private final RunFolders folders;
  private final Progress progress;

  public ViewModes(
      Catalog catalog,
      PinotController controller,
      PinotTables tables,
      RunFolders folders,
      Progress progress) {
    this.catalog = catalog;
    this.controller = controller;
    this.tables = tables;
    this.folders = folders;
    this.progress = progress;
  }

  /**
   * @param mode {@link RunRequest#FULL} or {@link RunRequest#INCREMENTAL}
   */
  DueView of(ViewPlan plan, String mode) {
    Publication before = catalog.batch().serving(plan.table()).orElse(null);
    FullRunDue due = catalog.batch().fullRunDue(plan.table()).orElse(null);
    String layout = layout(plan);
    if (mode.equals(RunRequest.FULL)) {
      return DueView.full(plan, layout, before, due);
    }
    Optional<String> reason = reason(plan, layout, before, due);
    if (reason.isEmpty()) {
      return DueView.incremental(plan, layout, before);
    }
    progress.say("View '" + plan.shownName() + "' is recomputed in full: " + reason.get());
    return DueView.full(plan, layout, before, due);
  }

  /**
   * A view of which a range is to be replaced.
   *
   * @throws RecountException BATCH_FAILED if what is served is not to be built on
   */
  public DueView backfill(ViewPlan plan) {
    Publication before = catalog.batch().serving(plan.table()).orElse(null);
    String layout = layout(plan);
    FullRunDue due = catalog.batch().fullRunDue(plan.table()).orElse(null);
    unusable(plan, layout, before, due)
        .ifPresent(
            reason -> {
              throw RecountException.of(
                  ErrorCode.BATCH_FAILED,
                  "Cannot replace a range of view '%s': %s; run 'recount batch run %s', which"
                      + " counts all history",
                  plan.shownName(),
                  reason,
                  plan.view());
            });
    return DueView.backfill(plan, layout, before);
  }

  /** Why a view cannot be added to. */
  private Optional<String> reason(
      ViewPlan plan, String layout, Publication before, FullRunDue due) {
    return plan.distinct().isPresent() && plan.join() != null
        ? Optional.of("it is distinct and joins a state")
        : unusable(plan, layout, before, due);
  }

  /** Why nothing can be built on what is served. */
  private Optional<String> unusable(
      ViewPlan plan, String layout, Publication before, FullRunDue due) {
    if (before == null) {
      return Optional.of("it has no batch yet");
    }
    if (due != null) {
      return Optional.of(due.reason());
    }
    if (!layout.equals(before.layout())) {
      return Optional.of(
          "its definition, its event's schema or its indexes are not those of its last run");
    }
    if (!Set.copyOf(controller.servedSegments(plan.table()))
        .equals(Set.copyOf(before.segments()))) {
      return Optional.of("Pinot does not serve what the run " + before.runId() + " published");
    }
    return folders.missing(before);
  }

  /** What the rows of a view depend on beside its events; any difference makes it another. */
  private String layout(ViewPlan plan) {
    List<String> all = new ArrayList<>();
    all.add(plan.sql());
    all.add(plan.distinct().orElse(""));
    all.add(plan.join() == null ? "" : Json.write(plan.join()));
    all.add(Json.write(plan.dimensions()));
    all.add(Json.write(plan.measures()));
    all.add(tables.schema(plan));
    all.add(tables.offlineTable(plan));
    plan.events().forEach(e -> all.add(catalog.events().schema(e).orElseThrow().json()));
    return layout(ROW_VERSION, all);
  }

  static String layout(int rowVersion, List<String> parts) {
    List<String> all = new ArrayList<>(parts);
    all.add("rows " + rowVersion);
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(Json.write(all).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
