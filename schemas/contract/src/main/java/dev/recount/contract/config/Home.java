package dev.recount.contract.config;

import java.nio.file.Path;

/** The one folder that holds all local state. The path is absolute. */
public record Home(Path path) {
  public Home {
    path = path.toAbsolutePath().normalize();
  }

  /** The user's settings, over the defaults; need not exist. */
  public Path configFile() {
    return path.resolve("recount.conf");
  }

  /** What runs: process ids, generated server configurations. */
  public Path run() {
    return path.resolve("run");
  }

  public Path logs() {
    return path.resolve("logs");
  }

  public Path kafka() {
    return path.resolve("kafka");
  }

  public Path pinot() {
    return path.resolve("pinot");
  }

  public Path catalog() {
    return path.resolve("catalog");
  }

  public Path archive() {
    return path.resolve("archive");
  }

  public Path lake() {
    return path.resolve("lake");
  }

  /** Checkpoints of the streaming jobs, one folder an event. */
  public Path checkpoints() {
    return path.resolve("checkpoints");
  }

  /** The port base that the running stack was started with; see {@link RecountConfig#load}. */
  public Path portBaseFile() {
    return run().resolve("port-base");
  }
}
