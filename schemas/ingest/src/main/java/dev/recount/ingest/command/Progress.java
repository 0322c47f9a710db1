package dev.recount.ingest.command;

import dev.recount.ingest.source.LineSource;
import dev.recount.ingest.source.Tally;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how far a run is: a bar on a terminal, elsewhere a line every few seconds. */
final class Progress implements AutoCloseable {
  private static final long LINE_SECONDS = 5;
  private static final long BAR_MILLIS = 200;

  private final List<LineSource> sources;
  private final Tally tally;
  private final PrintWriter err;
  private final Optional<ProgressBar> bar;
  private final long startedNanos = System.nanoTime();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "ingest-progress");
            thread.setDaemon(true);
            return thread;
          });

  private Progress(
      List<LineSource> sources, Tally tally, PrintWriter err, Optional<ProgressBar> bar) {
    this.sources = sources;
    this.tally = tally;
    this.err = err;
    this.bar = bar;
  }

  static Progress of(List<LineSource> sources, Ingestion ingestion, PrintWriter err) {
    boolean isTerminal = System.console() != null;
    return new Progress(
        sources,
        ingestion.tally(),
        err,
        isTerminal ? Optional.of(newBar(sources)) : Optional.empty());
  }

  void start() {
    if (bar.isPresent()) {
      every(BAR_MILLIS, TimeUnit.MILLISECONDS, this::moveBar);
    } else {
      every(LINE_SECONDS, TimeUnit.SECONDS, this::printLine);
    }
  }

  private static ProgressBar newBar(List<LineSource> sources) {
    return new ProgressBarBuilder()
        .setTaskName("ingest")
        .setInitialMax(size(sources))
        .setUnit(" MiB", 1024 * 1024)
        .showSpeed()
        .setStyle(ProgressBarStyle.ASCII)
        .setConsumer(new ConsoleProgressBarConsumer(System.err))
        .build();
  }

  private void every(long period, TimeUnit unit, Runnable task) {
    timer.scheduleAtFixedRate(task, period, period, unit);
  }

  private void moveBar() {
    bar.ifPresent(b -> b.stepTo(bytesIn()).setExtraMessage(" " + events()));
  }

  private void printLine() {
    long size = size(sources);
    String share =
        size > 0 ? String.format(Locale.ROOT, "%.0f %% in, ", 100.0 * bytesIn() / size) : "";
    err.println("ingest: " + share + events());
    err.flush();
  }

  private String events() {
    double seconds = (System.nanoTime() - startedNanos) / 1e9;
    long accepted = tally.accepted();
    return String.format(Locale.ROOT, "%,d events, %,.0f/s", accepted, accepted / seconds);
  }

  /** What was only read ahead does not count. */
  private long bytesIn() {
    return tally.bytesIn().sum();
  }

  /** -1 where the size of one is not known. */
  private static long size(List<LineSource> sources) {
    return sources.stream().anyMatch(s -> s.sizeBytes() < 0)
        ? -1
        : sources.stream().mapToLong(LineSource::sizeBytes).sum();
  }

  @Override
  public void close() {
    timer.shutdownNow();
    if (bar.isPresent()) {
      moveBar();
      bar.get().close();
    }
  }
}
