package dev.recount.core.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ViewFileTest {
  @Test
  void header_isSplitFromSql() {
    ViewFile view =
        ViewFile.parse(
            "v", "-- @description  Two words. \n-- @time minute\nSELECT 1\n-- note\nFROM x\n");
    assertThat(view.header())
        .containsEntry("description", "Two words.")
        .containsEntry("time", "minute");
    assertThat(view.sql()).isEqualTo("SELECT 1\n-- note\nFROM x");
  }

  @Test
  void indexes_areReadLineByLine() {
    ViewFile view =
        ViewFile.parse("v", "-- @index page_url TEXT\n--  @index  status\trange \nSELECT 1");
    assertThat(view.indexes())
        .containsExactly(
            new ViewIndex("page_url", IndexKind.TEXT), new ViewIndex("status", IndexKind.RANGE));
    assertThat(view.header()).isEmpty();
  }

  @Test
  void badIndexAndRepeatedKey_areRefused() {
    for (String line : new String[] {"page_url", "page_url txt", "a b text", ""}) {
      assertThatExceptionOfType(RecountException.class)
          .isThrownBy(() -> ViewFile.parse("v", "-- @index " + line + "\nSELECT 1"))
          .withMessageContaining("-- @index COLUMN KIND")
          .withMessageContaining("[inverted, range, text, bloom]");
    }
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> ViewFile.parse("v", "-- @time a\n-- @time b\nSELECT 1"))
        .withMessageContaining("two lines '@time'");
  }

  @Test
  void badNameAndKey_areRefused() {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> ViewFile.parse("Bad-Name", "SELECT 1"))
        .withMessageContaining("must match");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> ViewFile.parse("v", "-- @tiem minute\nSELECT 1"))
        .withMessageContaining("'@tiem' is not one of");
  }

  @Test
  void ownSchemas_areRead() {
    SchemaFolder folder = SchemaFolder.read(Path.of(System.getProperty("recount.root"), "schemas"));
    assertThat(folder.events()).extracting(EventSchema::name).contains("page_view");
    assertThat(folder.views())
        .extracting(ViewFile::view)
        .contains("page_views", "traffic", "visitors");
  }

  @Test
  void folderWithoutEvents_isRefused(@TempDir Path folder) {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> SchemaFolder.read(folder))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMAS_NOT_FOUND));
  }
}
