package dev.recount.apply;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.table.PinotTables;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PinotTablesTest {
  @TempDir private Path home;

  @Test
  void pinotConnectsToKafka_asTheSettingsSay() {
    ViewPlan plan =
        new ViewCompiler(TestSpark.SESSION)
            .plan(
                ViewFile.parse(
                    "pages", "SELECT page_url, count(*) AS n FROM page_view GROUP BY ALL"),
                TestSpark.PAGE_VIEW);
    RecountConfig config =
        RecountConfig.load(
            home, Optional.empty(), Map.of("RECOUNT_KAFKA_CLIENT_SECURITY_PROTOCOL", "SSL"));
    JsonNode table = Json.read(new PinotTables(config).realtimeTable(plan), JsonNode.class);
    assertThat(table.findValue("streamConfigs").path("security.protocol").asText())
        .isEqualTo("SSL");
  }
}
