package dev.recount.speed;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.EventCatalog;
import dev.recount.core.catalog.SpeedProgress;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;

/**
 * The checkpoint folder of one event's query, read beside Spark: which micro-batches are planned
 * and committed, which positions they cover, and which generation the folder belongs to. The
 * generation is a random id that the folder and the catalog both hold; keys of deltas repeat safely
 * only while the two agree.
 */
final class Checkpoint {
  private static final String GENERATION = "generation";
  private static final String AT_END = "begins-at-end";
  private static final String REMEDY =
      "; mend it, or remove the folder: then the speed layer begins a new generation at the end of"
          + " the log, and answers are incomplete until a batch run has passed that";

  private final String event;
  private final String topic;
  private final Path folder;

  Checkpoint(Path folder, String event, String topic) {
    this.folder = folder;
    this.event = event;
    this.topic = topic;
  }

  Path folder() {
    return folder;
  }

  /**
   * The generation of this folder; a new one if neither the folder nor the catalog has any. To be
   * called if it is not {@link #lost}.
   */
  String generation(Catalog catalog) {
    Optional<String> known = catalog.setting(settingName());
    String generation = readGeneration().orElseGet(this::writeGeneration);
    if (known.isEmpty()) {
      catalog.putSetting(settingName(), generation);
    }
    return generation;
  }

  /**
   * Begins anew at the beginning of the log if the event was dropped with its records: what the
   * folder knows is of a log that is gone.
   */
  void beginIfDropped(Catalog catalog) {
    if (!catalog.events().wasForgotten(event)) {
      return;
    }
    try {
      FileUtils.deleteDirectory(folder.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    catalog.putSetting(settingName(), writeGeneration());
  }

  /**
   * Why the folder is not the one that the catalog knows, or is older than it was; empty if it is.
   */
  Optional<RecountException> lost(Catalog catalog) {
    Optional<String> known = catalog.setting(settingName());
    Optional<String> found = readGeneration();
    if (known.isPresent() && !known.equals(found)) {
      return Optional.of(
          lost(
              found.map(id -> "it holds generation " + id).orElse("it holds none"),
              "generation " + known.get()));
    }
    long reported =
        catalog
            .services()
            .speedProgress(event)
            .filter(p -> found.isPresent() && p.generation().equals(found.get()))
            .map(SpeedProgress::chunk)
            .orElse(-1L);
    long planned = newest("offsets").orElse(-1);
    return planned >= reported
        ? Optional.empty()
        : Optional.of(
            lost(
                planned < 0 ? "it holds no micro-batch" : "its newest micro-batch is " + planned,
                "micro-batch " + reported + " of generation " + known.orElse("(none)")));
  }

  /**
   * Whether a generation is still the one that the catalog knows. If it is not, another process has
   * begun the next one, which counts all that is in the log by then no more.
   */
  boolean isCurrent(Catalog catalog, String generation) {
    return catalog.setting(settingName()).map(generation::equals).orElse(true);
  }

  /**
   * Begins a new generation, in a new folder, at the end of the log; the old folder is kept aside.
   * One without a micro-batch is what an attempt has left that was cut off: it is not worth
   * keeping, and what was set aside then is.
   */
  String beginAgain(Catalog catalog) {
    Path aside = folder.resolveSibling(folder.getFileName() + ".lost");
    try {
      if (isNew() && newestCommitted().isEmpty()) {
        FileUtils.deleteDirectory(folder.toFile());
      } else {
        FileUtils.deleteDirectory(aside.toFile());
        Files.move(folder, aside);
      }
      Files.createDirectories(folder);
      Files.createFile(folder.resolve(AT_END));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String generation = writeGeneration();
    catalog.putSetting(settingName(), generation);
    return generation;
  }

  /** Whether its first micro-batch begins at the end of the log. */
  boolean beginsAtEnd() {
    return Files.exists(folder.resolve(AT_END));
  }

  private RecountException lost(String found, String expected) {
    return RecountException.of(
        ErrorCode.SPEED_CHECKPOINT_LOST,
        "Cannot continue the speed layer of event '%s' from its checkpoint '%s': %s, "
            + "the catalog knows %s",
        event,
        folder,
        found,
        expected);
  }

  private RecountException unreadable(Exception e) {
    return RecountException.of(
        ErrorCode.SPEED_CHECKPOINT_LOST,
        e,
        "Cannot read the checkpoint '%s' of the speed layer of event '%s': %s%s",
        folder,
        event,
        e,
        REMEDY);
  }

  private String settingName() {
    return EventCatalog.generationSetting(event);
  }

  private Optional<String> readGeneration() {
    return read(folder.resolve(GENERATION)).map(String::strip);
  }

  private String writeGeneration() {
    String generation = UUID.randomUUID().toString();
    Path temporary = folder.resolve("." + GENERATION + ".tmp");
    try {
      Files.createDirectories(folder);
      Files.writeString(temporary, generation);
      Files.move(temporary, folder.resolve(GENERATION), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return generation;
  }

  /** Whether no micro-batch was ever planned here. */
  boolean isNew() {
    return newest("offsets").isEmpty();
  }

  /** The newest micro-batch that is done; empty if none is. */
  OptionalLong newestCommitted() {
    return newest("commits");
  }

  boolean isCommitted(long chunk) {
    return Files.exists(folder.resolve("commits").resolve(String.valueOf(chunk)));
  }

  /** Where a planned micro-batch begins; empty for an old one that Spark has forgotten. */
  Optional<Positions> startOf(long chunk) {
    if (chunk > 0) {
      return endOf(chunk - 1);
    }
    // Spark writes a byte 0 and a version line before the positions that the query began at.
    return read(folder.resolve("sources").resolve("0").resolve("0"))
        .map(text -> positions(text.substring(Math.max(0, text.indexOf('{')))));
  }

  /** Where a planned micro-batch ends; empty for an old one that Spark has forgotten. */
  Optional<Positions> endOf(long chunk) {
    // The last line is the position of the one source.
    return read(folder.resolve("offsets").resolve(String.valueOf(chunk)))
        .flatMap(text -> text.lines().reduce((earlier, later) -> later))
        .map(this::positions);
  }

  private OptionalLong newest(String log) {
    if (!Files.isDirectory(folder.resolve(log))) {
      return OptionalLong.empty();
    }
    try (Stream<Path> files = Files.list(folder.resolve(log))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.chars().allMatch(Character::isDigit))
          .mapToLong(Long::parseLong)
          .max();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Empty if there is no such file. */
  private Optional<String> read(Path file) {
    try {
      return Optional.of(Files.readString(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private Positions positions(String json) {
    try {
      return Positions.parse(json, topic);
    } catch (RuntimeException e) {
      throw unreadable(e);
    }
  }
}
