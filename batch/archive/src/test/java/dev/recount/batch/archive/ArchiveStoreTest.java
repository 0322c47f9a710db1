package dev.recount.batch.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.io.PositionOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveStoreTest {
  @TempDir Path folder;

  @Test
  void aSchemeWithoutASafeCommit_isRefused() {
    for (String uri : List.of("s3a://bucket/archive", "/archive", "ftp://host/archive")) {
      assertThatThrownBy(() -> ArchiveStore.of(URI.create(uri), new Configuration()))
          .isInstanceOfSatisfying(
              RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID))
          .hasMessageContaining(uri)
          .hasMessageContaining("archive.uri");
    }
  }

  @Test
  void ofWritersThatRaceForAName_exactlyOneWins() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (int name = 0; name < 100; name++) {
        org.apache.hadoop.fs.Path committed = path("final-" + name);
        List<Callable<PendingFile.Outcome>> writers = new ArrayList<>();
        for (int writer = 0; writer < 4; writer++) {
          PendingFile pending = pending(path("_" + name + "." + writer), committed, writer);
          writers.add(pending::commit);
        }
        int won = 0;
        for (Future<PendingFile.Outcome> outcome : threads.invokeAll(writers)) {
          won += outcome.get() == PendingFile.Outcome.DONE ? 1 : 0;
        }
        assertThat(won).isEqualTo(1);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(folder.toFile().list()).hasSize(100);
  }

  @Test
  void onlyWhatIsOld_isTakenForLeftOver() throws IOException {
    Instant now = Instant.parse("2026-01-02T12:00:00Z");
    Path old = Files.writeString(folder.resolve("_old"), "x");
    Path young = Files.writeString(folder.resolve("_young"), "x");
    Files.setLastModifiedTime(old, FileTime.from(now.minusSeconds(10)));
    Files.setLastModifiedTime(young, FileTime.from(now.plusSeconds(10)));
    assertThat(new LocalArchiveStore().removeOlder(path("."), now)).isEqualTo(1);
    assertThat(old).doesNotExist();
    assertThat(young).exists();
    assertThat(new LocalArchiveStore().removeOlder(path("absent"), now)).isZero();
  }

  /** How another process stops one that it takes for dead. */
  @Test
  void aFileThatWasRemovedMeanwhile_isNotCommitted() throws IOException {
    PendingFile pending = pending(path("_temporary"), path("final"), 1);
    new LocalArchiveStore().removeOlder(path("."), Instant.ofEpochMilli(Long.MAX_VALUE));
    assertThatThrownBy(pending::commit).isInstanceOf(IOException.class);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aDiscardedFile_isGone() throws IOException {
    PendingFile pending = pending(path("_temporary"), path("final"), 1);
    pending.discard();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aDiscardedFileOnAFullDisk_isGone() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root may mount a file system");
    int mounted = run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.toString());
    assumeTrue(mounted == 0, "this root may not mount a file system");
    try {
      PendingFile pending = new LocalArchiveStore().create(path("_temporary"), path("final"));
      PositionOutputStream out = pending.open();
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1 << 20; i++) {
                  out.write(i);
                }
                out.flush();
              })
          .isInstanceOf(IOException.class);
      pending.discard();
      assertThat(folder).isEmptyDirectory();
    } finally {
      assertThat(run("umount", folder.toString())).isZero();
    }
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private static PendingFile pending(
      org.apache.hadoop.fs.Path temporary, org.apache.hadoop.fs.Path committed, int content)
      throws IOException {
    PendingFile pending = new LocalArchiveStore().create(temporary, committed);
    try (PositionOutputStream out = pending.open()) {
      out.write(content);
    }
    return pending;
  }

  private org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(folder.resolve(name).toUri());
  }
}
