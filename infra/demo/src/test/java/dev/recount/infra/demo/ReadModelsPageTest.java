package dev.recount.infra.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.infra.demo.drive.Recount;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadModelsPageTest {
  @Test
  void everyLink_leadsToAFile() {
    assertThat(ReadModelsPage.sections().values())
        .flatExtracting(ReadModelsPage.Section::files)
        .isNotEmpty()
        .allMatch(Files::exists);
  }

  @Test
  void everyModel_hasItsEventItsViewAndOneQuery() {
    for (ReadModel model : ReadModelsIT.models()) {
      ReadModelsPage.Section section = ReadModelsPage.sections().get(model.section());
      assertThat(section).as(model.section()).isNotNull();
      assertThat(section.files())
          .contains(
              Recount.root().resolve("schemas/examples/events/" + model.event() + ".avsc"),
              Recount.root().resolve("schemas/examples/views/" + model.view() + ".sql"));
      assertThat(section.events()).as(model.section()).isNotEmpty();
      assertThat(List.of(section.query())).hasSize(1);
    }
  }
}
