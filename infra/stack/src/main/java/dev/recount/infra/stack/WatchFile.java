package dev.recount.infra.stack;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.recount.core.Json;
import dev.recount.core.config.Home;
import dev.recount.error.FileErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/** What the watch tells other commands: each process that died. */
final class WatchFile {
  private static final TypeReference<Map<String, Restarts>> TYPE = new TypeReference<>() {};

  private final Path file;

  WatchFile(Home home) {
    this.file = home.run().resolve("restarts.json");
  }

  /** By name of the process; empty if nothing died. */
  Map<String, Restarts> read() {
    try {
      return Json.MAPPER.readValue(Files.readString(file), TYPE);
    } catch (NoSuchFileException | JsonProcessingException e) {
      // What was damaged by hand tells nothing.
      return Map.of();
    } catch (IOException e) {
      throw FileErrors.cannot("read", file, e);
    }
  }

  /** Whether a watch has begun its work since the stack was started. */
  boolean exists() {
    return Files.exists(file);
  }

  void write(Map<String, Restarts> restarts) {
    HomeFolder.write(file, Json.write(restarts) + "\n");
  }

  void delete() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw FileErrors.cannot("delete", file, e);
    }
  }
}
