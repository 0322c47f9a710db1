package dev.recount.core.cli;

import java.util.Locale;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how far a command is: a bar on a terminal, else a line every few seconds. Thread-safe. */
public final class Progress {
  private static final long LINE_MILLIS = 5_000;
  private static final long BAR_MILLIS = 200;

  private final Consumer<String> out;
  private final boolean isTerminal;
  private volatile Step open;

  /**
   * @param out takes lines
   */
  public Progress(Consumer<String> out, boolean isTerminal) {
    this.out = out;
    this.isTerminal = isTerminal;
  }

  /** To standard error, so that standard output holds the result alone. */
  public static Progress ofProcess() {
    return ofProcess(System.err::println);
  }

  /** A bar on this process's terminal, or else lines to the given place. */
  public static Progress ofProcess(Consumer<String> lines) {
    return new Progress(lines, System.console() != null);
  }

  public void say(String sentence) {
    out.accept(sentence);
  }

  /** The same, and everything that is said in words goes to another place too. */
  public Progress alsoTo(Consumer<String> place) {
    return new Progress(out.andThen(place), isTerminal);
  }

  /**
   * How far the step under way is.
   *
   * @param total negative if it is not known
   * @param seconds since it began
   */
  public record State(long done, long total, String unit, double seconds) {}

  /** Empty if no step is under way. */
  public Optional<State> state() {
    return Optional.ofNullable(open).map(Step::state);
  }

  /** Begins a step of {@code total} units, and says at its end how long it took. */
  public Step step(String name, String unit, long total) {
    return new Step(name, unit, 1, total, new LongAdder(), null);
  }

  /**
   * Begins a step that is counted elsewhere.
   *
   * @param unit as it is shown
   * @param unitSize how much of what is counted is one unit
   * @param total of what is counted; negative if it is not known
   * @param done what is counted
   * @param note any other remark; it says all at the end too
   */
  public Step step(
      String name, String unit, long unitSize, long total, LongAdder done, Supplier<String> note) {
    return new Step(name, unit, unitSize, total, done, note);
  }

  /** A step under way. */
  public final class Step implements AutoCloseable {
    private final String name;
    private final String unit;
    private final long unitSize;
    private final long total;
    private final LongAdder done;
    private final Supplier<String> note;
    private final ProgressBar bar;
    private final Timer timer = new Timer("progress", true);
    private final long startNanos = System.nanoTime();

    private Step(
        String name,
        String unit,
        long unitSize,
        long total,
        LongAdder done,
        Supplier<String> note) {
      this.name = name;
      this.unit = unit;
      this.unitSize = unitSize;
      this.total = total;
      this.done = done;
      this.note = note;
      this.bar = isTerminal ? newBar() : null;
      open = this;
      long period = isTerminal ? BAR_MILLIS : LINE_MILLIS;
      timer.schedule(
          new TimerTask() {
            @Override
            public void run() {
              show();
            }
          },
          period,
          period);
    }

    private ProgressBar newBar() {
      return new ProgressBarBuilder()
          .setTaskName(name)
          .setUnit(" " + unit, unitSize)
          .setInitialMax(total)
          .setStyle(ProgressBarStyle.ASCII)
          .showSpeed()
          .build();
    }

    private State state() {
      return new State(done.sum(), total, unit, seconds());
    }

    public void advance(long units) {
      done.add(units);
    }

    /** All units are done, whatever was reported before. */
    public void finish() {
      done.add(total - done.sum());
    }

    private void show() {
      if (bar == null) {
        out.accept(line(done.sum(), seconds()));
      } else {
        bar.stepTo(done.sum()).setExtraMessage(note == null ? "" : " " + note.get());
      }
    }

    private double seconds() {
      return Math.max(1e-3, (System.nanoTime() - startNanos) / 1e9);
    }

    /** How far the step is after some time. */
    String line(long doneNow, double seconds) {
      double rate = doneNow / seconds;
      StringBuilder line = new StringBuilder(name).append(": ").append(number(doneNow));
      if (total >= 0) {
        line.append(" of ").append(number(total));
      }
      line.append(' ').append(noun(total >= 0 ? total : doneNow));
      // Of a few large units, such as views, the time left says it better.
      if (rate >= unitSize) {
        line.append(", ").append(number(rate)).append("/s");
      }
      if (total >= 0 && rate > 0) {
        double left = Math.max(0, total - doneNow) / rate;
        line.append(String.format(Locale.ROOT, ", %.0f s left", left));
      }
      return note == null ? line.toString() : line.append(", ").append(note.get()).toString();
    }

    private String noun(long count) {
      return number(count).equals("1") ? unit.replaceFirst("s$", "") : unit;
    }

    private String number(double count) {
      return String.format(Locale.ROOT, "%,.0f", count / unitSize);
    }

    @Override
    public void close() {
      timer.cancel();
      if (open == this) {
        open = null;
      }
      if (bar != null) {
        show();
        bar.close();
      } else if (note == null) {
        long all = done.sum();
        out.accept(
            String.format(
                Locale.ROOT, "%s: %s %s in %.1f s", name, number(all), noun(all), seconds()));
      }
    }
  }
}
