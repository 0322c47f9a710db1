package dev.recount.core.view;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A user's folder with {@code events/*.avsc} and {@code views/*.sql}, each in order of name. */
public record SchemaFolder(List<EventSchema> events, List<ViewFile> views) {

  /**
   * @throws RecountException SCHEMAS_NOT_FOUND if there is no {@code events/}, or what a file's own
   *     reading throws
   */
  public static SchemaFolder read(Path folder) {
    if (!Files.isDirectory(folder.resolve("events"))) {
      throw RecountException.of(
          ErrorCode.SCHEMAS_NOT_FOUND,
          "Cannot read the schemas in '%s': it has no folder 'events'; name a folder "
              + "with events/ and views/ with --schemas",
          folder.toAbsolutePath());
    }
    return new SchemaFolder(
        files(folder.resolve("events"), ".avsc").stream().map(EventSchema::read).toList(),
        files(folder.resolve("views"), ".sql").stream().map(ViewFile::read).toList());
  }

  private static List<Path> files(Path folder, String ending) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.getFileName().toString().endsWith(ending)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
