package dev.recount.serving.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.catalog.Standstill;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReadinessTest {
  private static final Standstill VIEW = new Standstill("speed", "e", "v_v1", 7, "too large");
  private static final Standstill EVENT = new Standstill("speed", "e", null, 7, "no leader");
  private static final Standstill LAYER = new Standstill("archive", null, null, 7, "silent");

  private static Map<String, Boolean> layers(Standstill... standing) {
    return Readiness.layers(List.of(standing));
  }

  @Test
  void aViewThatIsSetAside_stopsNoOtherRequest() {
    Map<String, Boolean> layers = layers(VIEW);
    assertThat(layers).containsOnly(Map.entry("speed", true), Map.entry("archive", true));
    assertThat(new Readiness.State(layers, List.of(VIEW.text())).isUp()).isTrue();
  }

  @Test
  void anEventOrALayerThatIsStalled_makesItsLayerDown() {
    assertThat(layers(VIEW, EVENT))
        .containsOnly(Map.entry("speed", false), Map.entry("archive", true));
    assertThat(layers(LAYER)).containsOnly(Map.entry("speed", true), Map.entry("archive", false));
  }
}
