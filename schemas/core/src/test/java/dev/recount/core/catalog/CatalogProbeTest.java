package dev.recount.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;

/** Whether the process of the catalog notices that it can serve it no more, on a real H2 server. */
class CatalogProbeTest extends CatalogOnH2 {
  /** What H2 does to itself when the disk is full: a lock that nobody will ever give back. */
  @Test
  void databaseWhoseFileStaysLocked_isNotServedForEver() throws IOException {
    CatalogProbe probe = new CatalogProbe(config, CatalogServer.url(config));
    catalog.putSetting("kept", "yes");
    probe.look();
    catalog.close();
    Path file = config.home().catalog().resolve(CatalogPassword.DATABASE + ".mv.db");
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      assertThat(lock.isValid()).isTrue();
      probe.look();
      probe.look();
      assertThatExceptionOfType(RecountException.class)
          .isThrownBy(probe::look)
          .withMessageContaining("Cannot keep serving the catalog")
          .withMessageContaining("already in use")
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CATALOG_UNAVAILABLE));
    }

    probe.look();
    catalog = Catalog.open(config);
    assertThat(catalog.setting("kept")).contains("yes");
  }
}
