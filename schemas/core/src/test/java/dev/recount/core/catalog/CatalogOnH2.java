package dev.recount.core.catalog;

import dev.recount.core.config.RecountConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A new catalog for each test, on a real H2 server, as the local stack runs it. */
abstract class CatalogOnH2 {
  @TempDir Path home;
  RecountConfig config;
  Server server;
  Catalog catalog;

  @BeforeEach
  void open() throws IOException {
    config = config(FreePorts.base(), Map.of());
    Files.createDirectories(config.home().catalog());
    server = CatalogServer.start(config);
    catalog = Catalog.open(config);
  }

  @AfterEach
  void close() {
    catalog.close();
    server.stop();
  }

  RecountConfig config(int portBase, Map<String, String> environment) {
    return RecountConfig.load(home, Optional.of(portBase), environment);
  }
}
