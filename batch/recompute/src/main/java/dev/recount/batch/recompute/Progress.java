package dev.recount.batch.recompute;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** Shows how far a run is: a bar on a terminal, else a line every few seconds. Thread-safe. */
public final class Progress {
  private static final Duration LINE_EVERY = Duration.ofSeconds(5);

  private final PrintStream out;
  private final boolean terminal;

  public Progress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** To standard error, so that standard output holds the result alone. */
  public static Progress ofProcess() {
    return new Progress(System.err, System.console() != null);
  }

  public void say(String sentence) {
    out.println(sentence);
  }

  /** Begins a step of {@code total} units. */
  public Step step(String name, String unit, long total) {
    return terminal ? new Bar(name, unit, total) : new Lines(name, unit, total);
  }

  /** A step under way. */
  public interface Step extends AutoCloseable {
    void advance(long units);

    /** All units are done, whatever was told of them. */
    void finish();

    @Override
    void close();
  }

  private static final class Bar implements Step {
    private final ProgressBar bar;

    Bar(String name, String unit, long total) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(name)
              .setUnit(" " + unit, 1)
              .setInitialMax(total)
              .showSpeed()
              .build();
    }

    @Override
    public void advance(long units) {
      bar.stepBy(units);
    }

    @Override
    public void finish() {
      bar.stepTo(bar.getMax());
    }

    @Override
    public void close() {
      bar.close();
    }
  }

  private final class Lines implements Step {
    private final String name;
    private final String unit;
    private final long total;
    private final long startNanos = System.nanoTime();
    private long done;
    private long lastNanos = startNanos;

    Lines(String name, String unit, long total) {
      this.name = name;
      this.unit = unit;
      this.total = total;
    }

    @Override
    public synchronized void advance(long units) {
      done += units;
      long now = System.nanoTime();
      if (now - lastNanos >= LINE_EVERY.toNanos()) {
        lastNanos = now;
        out.println(line(now));
      }
    }

    @Override
    public synchronized void finish() {
      done = total;
    }

    private String line(long now) {
      double rate = done / Math.max(1e-3, (now - startNanos) / 1e9);
      return String.format(
          Locale.ROOT,
          "%s: %,d of %,d %s, %,.0f/s, %.0f s left",
          name,
          done,
          total,
          unit,
          rate,
          rate == 0 ? 0 : Math.max(0, total - done) / rate);
    }

    @Override
    public synchronized void close() {
      long now = System.nanoTime();
      out.printf(Locale.ROOT, "%s: %,d %s in %.1f s%n", name, done, unit, (now - startNanos) / 1e9);
    }
  }
}
