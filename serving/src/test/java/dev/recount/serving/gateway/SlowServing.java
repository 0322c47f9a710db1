package dev.recount.serving.gateway;

import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewPlan;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A gateway over a {@link SlowPinot}, and the view {@code slow}: one segment on either side. */
public final class SlowServing implements AutoCloseable {
  static final long CUT = 20_000;

  private final SlowPinot pinot;
  private final RecountConfig config;
  private final Catalog catalog;
  private final Gateway gateway;

  public SlowServing(Path home, Map<String, String> settings) throws Exception {
    pinot = new SlowPinot();
    Map<String, String> all = new HashMap<>(settings);
    all.put("RECOUNT_CATALOG_URL", "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    all.put("RECOUNT_PINOT_BROKER", pinot.url());
    all.put("RECOUNT_PINOT_CONTROLLER", pinot.url());
    config = RecountConfig.load(home, Optional.empty(), all);
    catalog = Catalog.open(config);
    ViewPlan plan = Plans.traffic("slow");
    catalog.views().add(plan, 1);
    publish(plan, CUT, "s");
    serve(plan.table(), CUT, "s");
    gateway = new Gateway(config, catalog, Clock.systemUTC());
  }

  /** What the catalog says of a batch. */
  void publish(ViewPlan plan, long cutMs, String segment) {
    String run = catalog.runs().begin(1, RunRequest.FULL, RunRequest.HAND, 0, "here", 1, List.of());
    catalog
        .batch()
        .put(
            new Publication(
                run,
                plan.table(),
                plan.view(),
                plan.version(),
                Publication.SERVING,
                RunRequest.FULL,
                cutMs,
                1,
                Json.write(List.of(segment)),
                1,
                "[]",
                null,
                null,
                1L));
  }

  /** What Pinot says that it serves. */
  void serve(String table, long cutMs, String segment) {
    pinot.answer("/debug/timeBoundary/" + table, body -> "{\"timeValue\":" + (cutMs - 1) + "}");
    pinot.answer(
        "/debug/routingTable/" + table,
        body ->
            "{\"%s_OFFLINE\":{\"a\":[\"%s\"]},\"%s_REALTIME\":{\"a\":[\"t\"]}}"
                .formatted(table, segment, table));
    pinot.answer(
        "/tables/" + table + "/idealstate", body -> "{\"REALTIME\":{\"t\":{\"a\":\"CONSUMING\"}}}");
  }

  public SlowPinot pinot() {
    return pinot;
  }

  public RecountConfig config() {
    return config;
  }

  public Catalog catalog() {
    return catalog;
  }

  public Gateway gateway() {
    return gateway;
  }

  @Override
  public void close() {
    gateway.close();
    catalog.close();
    pinot.close();
  }
}
