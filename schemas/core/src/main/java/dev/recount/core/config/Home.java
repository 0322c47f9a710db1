package dev.recount.core.config;

import java.io.IOException;
import java.nio.file.Path;

/** The one folder that holds all local state. The path is absolute. */
public record Home(Path path) {
  public Home {
    path = absolute(path.toAbsolutePath());
  }

  /** Behind a link, ".." is the folder above the link's target; a path alone does not know it. */
  private static Path absolute(Path path) {
    for (int i = path.getNameCount() - 1; i >= 0; i--) {
      if (path.getName(i).toString().equals("..")) {
        try {
          Path above = path.getRoot().resolve(path.subpath(0, i + 1)).toRealPath();
          return above
              .resolve(path.subpath(0, i + 1).relativize(path.subpath(0, path.getNameCount())))
              .normalize();
        } catch (IOException e) {
          return path.normalize();
        }
      }
    }
    return path.normalize();
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

  /** The key that commands of this home bring, if access control is on. */
  public SecretFile commandKey() {
    return new SecretFile(path.resolve("command.key"), "the key of commands");
  }

  /** The port base that the running stack was started with; see {@link RecountConfig#load}. */
  public Path portBaseFile() {
    return run().resolve("port-base");
  }
}
