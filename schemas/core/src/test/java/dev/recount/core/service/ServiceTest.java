package dev.recount.core.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.Commands;
import dev.recount.core.config.RecountConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;

@Timeout(300)
class ServiceTest {
  @TempDir private Path home;

  /** What is run at SIGTERM is run by the test. */
  @Command(name = "tested")
  private static final class Tested extends Service {
    private final CompletableFuture<Runnable> stop = new CompletableFuture<>();
    private final CompletableFuture<Void> serving = new CompletableFuture<>();
    private volatile boolean hasEnded;

    Tested() {
      super("tested", Clock.systemUTC(), Duration.ofSeconds(30));
    }

    @Override
    protected void onShutdown(Runnable work, Duration limit) {
      stop.complete(work);
    }

    @Override
    protected void serve(RecountConfig config, Catalog catalog) throws InterruptedException {
      beat(catalog, Map.of("port", 7));
      serving.complete(null);
      awaitStop();
      hasEnded = true;
    }
  }

  private CompletableFuture<Integer> start(Tested service, String catalog) throws IOException {
    Files.writeString(home.resolve("recount.conf"), "catalog.url = \"" + catalog + "\"\n");
    return CompletableFuture.supplyAsync(
        () -> Commands.run(service, "--home", home.toString()),
        task -> new Thread(task, "tested").start());
  }

  @Test
  void service_beats_andEndsWhatItHasBegun_beforeTheProcessEnds() throws Exception {
    Tested service = new Tested();
    CompletableFuture<Integer> code = start(service, "jdbc:h2:mem:service;DB_CLOSE_DELAY=-1");
    CompletableFuture.anyOf(service.serving, code).get();
    assertThat(code).isNotCompleted();
    service.stop.get().run();
    assertThat(service.hasEnded).isTrue();
    assertThat(code.get()).isZero();
    try (Catalog catalog = Catalog.open(RecountConfig.load(home))) {
      assertThat(catalog.services().heartbeats())
          .singleElement()
          .satisfies(
              beat -> {
                assertThat(beat.service()).isEqualTo("tested");
                assertThat(beat.processId()).isEqualTo(ProcessHandle.current().pid());
                assertThat(beat.detailJson()).isEqualTo("{\"port\":7}");
              });
    }
  }

  @Test
  void serviceWithoutACatalog_waits_andCanBeStopped() throws Exception {
    Tested service = new Tested();
    CompletableFuture<Integer> code = start(service, "jdbc:h2:tcp://localhost:1/none");
    Runnable stop = service.stop.get();
    assertThat(code).isNotCompleted();
    stop.run();
    assertThat(code.get(30, TimeUnit.SECONDS)).isZero();
    assertThat(service.serving).isNotCompleted();
  }
}
