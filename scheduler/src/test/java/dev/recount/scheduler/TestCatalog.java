package dev.recount.scheduler;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A catalog of its own on a real H2, and views in it. */
public final class TestCatalog {
  private TestCatalog() {}

  /** The settings of a home whose catalog lives as long as one is open. */
  public static RecountConfig config(Path home) {
    String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
    return RecountConfig.load(
        home,
        Optional.empty(),
        Map.of("RECOUNT_CATALOG_URL", url, "RECOUNT_BATCH_RETRY_PAUSE", "1s"));
  }

  /** Adds a view, or gives it another header. */
  public static void apply(Catalog catalog, String view, String header) {
    ViewFile file = ViewFile.parse(view, header + "\nSELECT count(*) AS n FROM e");
    ViewPlan plan = new ViewPlan(view, 1, "e", file.sql(), file.header(), List.of(), List.of());
    if (catalog.views().active(view).isPresent()) {
      catalog.views().adjust(plan);
    } else {
      catalog.views().add(plan, 0);
    }
  }
}
