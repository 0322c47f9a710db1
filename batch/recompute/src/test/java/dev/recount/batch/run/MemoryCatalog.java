package dev.recount.batch.run;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.ViewPlan;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Real H2 catalogs in the memory of a test; those with the same settings are one. */
final class MemoryCatalog {
  private MemoryCatalog() {}

  /** Settings with a catalog of their own. */
  static RecountConfig settings(Path home) {
    return RecountConfig.load(
        home,
        Optional.empty(),
        Map.of(
            "RECOUNT_CATALOG_URL",
            "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1",
            "RECOUNT_CATALOG_PASSWORD",
            "secret"));
  }

  static ViewPlan plan(String view, int version) {
    return new ViewPlan(
        view,
        version,
        "page_view",
        "SELECT 1",
        Map.of(),
        List.of(),
        List.of(new Dimension("hour", ColumnType.TIMESTAMP, false)),
        List.of(),
        null);
  }

  static void add(Catalog catalog, String view, int... versions) {
    for (int version : versions) {
      catalog.views().add(plan(view, version), 1);
    }
  }
}
