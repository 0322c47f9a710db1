package dev.recount.core.catalog;

import dev.recount.core.config.RecountConfig;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Runs the tests that a version of a view was applied with, before readers are led to it. Who can
 * run both layers in its process provides it; it is found where that module is on the class path.
 */
public interface VersionTests {
  /** What does not pass, each in words; empty if everything does, or there are no tests. */
  List<String> failures(RecountConfig config, Catalog catalog, ViewVersion version);

  /** Empty if tests cannot be run in this process. */
  static Optional<VersionTests> find() {
    return ServiceLoader.load(VersionTests.class).findFirst();
  }
}
