package dev.recount.batch.backfill;

import dev.recount.batch.archive.Archive;
import dev.recount.batch.compute.DueView;
import dev.recount.batch.compute.Piece;
import dev.recount.batch.compute.RangeComputation;
import dev.recount.batch.compute.RangePieces;
import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.batch.cut.Pace;
import dev.recount.batch.lake.Pieces;
import dev.recount.batch.lake.RunFolders;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Erasure;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.TimeRange;
import dev.recount.core.view.ViewPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What the archive holds of a range of a view's time when it is asked, and what is finished of it.
 *
 * @param folder where finished pieces are
 * @param filesInAll of the event that is counted
 */
record RangeArchive(Path folder, RangePieces pieces, int filesInAll) {

  /**
   * Lists the archive up to the cut that is served; while it is being read, so that no file goes.
   *
   * @param pace how fast it is read at most; null for as fast as it can be
   */
  static RangeArchive list(
      RecountConfig config,
      Catalog catalog,
      RunFolders folders,
      DueView view,
      RangeComputation computation,
      Pace pace) {
    ViewPlan plan = view.plan();
    long cutMs = view.before().cutMs();
    // Before the files are listed: what is taken out of them after that gives another folder.
    List<String> facts = facts(catalog, plan, view.layout(), computation.range());
    Path folder = folders.backfill(plan.table(), Piece.hash(Json.write(facts)));
    ArchiveSlice all = slice(config, catalog, plan.event(), cutMs, pace);
    ArchiveSlice states =
        plan.join() == null ? null : slice(config, catalog, plan.join().state(), cutMs, pace);
    return new RangeArchive(
        folder,
        new RangePieces(
            computation,
            all,
            states,
            new Pieces(folder, new Configuration()),
            config.batch().backfillPieceBytes()),
        all.files().size());
  }

  private static ArchiveSlice slice(
      RecountConfig config, Catalog catalog, String event, long cutMs, Pace pace) {
    return ArchiveSlice.before(
            cutMs,
            catalog.events().schema(event).orElseThrow(),
            Archive.open(config, catalog, event, new Configuration()))
        .at(pace);
  }

  /**
   * What finished pieces depend on beside their files: ids and states may be of any time, so what
   * was taken out of the archive may change any piece.
   */
  private static List<String> facts(
      Catalog catalog, ViewPlan plan, String layout, TimeRange range) {
    List<String> facts = new ArrayList<>(List.of(layout, range.toString()));
    for (String event : plan.events()) {
      OptionalLong start = catalog.archive().start(event);
      facts.add(event + " since " + (start.isPresent() ? start.getAsLong() : 0));
      catalog.archive().erasures().stream()
          .filter(erasure -> erasure.event().equals(event))
          .forEach(
              erasure ->
                  facts.add(
                      "erasure "
                          + erasure.erasureNumber()
                          + (erasure.state().equals(Erasure.ERASING) ? " begun" : " ended")));
    }
    return facts;
  }
}
