package dev.recount.infra.demo;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.FileErrors;
import dev.recount.infra.demo.drive.PageViewTraffic;
import dev.recount.infra.demo.drive.Recount;
import dev.recount.infra.demo.drive.TrafficThread;
import dev.recount.infra.stack.LocalStack;
import dev.recount.ingest.door.Door;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Everything on generated traffic: stack, views, events, two batch runs, and the comparison. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Runs everything on generated traffic: starts the stack, applies the views, sends events,"
          + " runs batch twice while they flow, and compares the answers with a recount from the raw events.",
      "Stays up until Ctrl-C. With --once it stops by itself; its exit code is 0 only if every group"
          + " of every view equals the recount."
    })
final class DemoCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Duration LOOK = Duration.ofSeconds(1);

  @Mixin private HomeOptions options;

  @Option(names = "--once", description = "Stop after the comparison instead of staying up.")
  private boolean once;

  @Option(
      names = "--events",
      paramLabel = "N",
      defaultValue = "20000",
      description = "Send at least this many events (default: ${DEFAULT-VALUE}).")
  private long events;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "500",
      description = "Events per second (default: ${DEFAULT-VALUE}).")
  private int rate;

  @Option(
      names = "--duplicates",
      description = "Send 2 %% of the events twice, like a producer that retries.")
  private boolean duplicates;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Random seed of the generated traffic (default: ${DEFAULT-VALUE}).")
  private long seed;

  private volatile boolean isStopping;

  @Override
  public Integer call() {
    RecountConfig config = options.config();
    Recount recount = new Recount(config);
    boolean ours = LocalStack.of(config).pid("kafka").isEmpty();
    Thread down =
        new Thread(
            () -> {
              isStopping = true;
              recount.run("down");
            },
            "demo-down");
    if (ours) {
      Runtime.getRuntime().addShutdownHook(down);
    }
    recount.require("up", "--detach");
    recount.require("apply");
    return run(config, recount);
  }

  private int run(RecountConfig config, Recount recount) {
    PageViewTraffic.Shares shares =
        PageViewTraffic.Shares.DEFAULT.withDuplicates(duplicates ? 0.02 : 0);
    Clock clock = Clock.systemUTC();
    try (Catalog catalog = Catalog.open(config);
        Door door = Door.open(config, catalog, clock);
        TrafficThread traffic =
            new TrafficThread(new PageViewTraffic(seed, clock, shares), door, rate)) {
      say("Sending " + rate + " page views a second, 5 % of them up to three days late");
      traffic.start();
      awaitEvents(traffic, events / 3);
      recount.require("batch", "run");
      awaitEvents(traffic, 2 * events / 3);
      recount.require("batch", "run");
      awaitEvents(traffic, events);
      if (once) {
        traffic.stop();
      }
      say(
          "Sent "
              + traffic.accepted()
              + " events; rejected "
              + traffic.rejected()
              + " malformed lines");
      int difference = recount.run("audit");
      if (!once) {
        eachMinute(config, recount);
        stayUp(config, traffic);
      }
      return difference;
    }
  }

  private void awaitEvents(TrafficThread traffic, long count) {
    Deadline.after(PATIENCE.plusSeconds(count / Math.max(1, rate)))
        .require(
            count + " events to be accepted",
            Duration.ofMillis(100),
            () -> {
              traffic.check();
              return traffic.accepted() >= count;
            });
  }

  /** Has the views recomputed every minute from now on: until here the demo ran batch itself. */
  private static void eachMinute(RecountConfig config, Recount recount) {
    Path shipped = Recount.root().resolve("schemas");
    Path own = config.home().path().resolve("demo-schemas");
    try {
      for (String folder : List.of("events", "views", "tests")) {
        Files.createDirectories(own.resolve(folder));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(shipped.resolve(folder))) {
          for (Path file : files) {
            String text = Files.readString(file);
            Files.writeString(
                own.resolve(folder).resolve(file.getFileName()),
                text.replaceAll("(?m)^-- @schedule .*", "-- @schedule 0 * * * * ?"));
          }
        }
      }
    } catch (IOException e) {
      throw FileErrors.cannot("copy the schemas to", own, e);
    }
    recount.require("apply", "--schemas", own.toString());
  }

  private void stayUp(RecountConfig config, TrafficThread traffic) {
    say("");
    say(
        "Traffic continues. Try:   bin/recount query \"SELECT status, MEASURE(requests) FROM traffic"
            + " GROUP BY status\"");
    say("HTTP:                   http://localhost:" + config.ports().serving() + "/v1/status");
    say("Pinot's console:        " + config.pinot().controller());
    say("Batch runs every minute: bin/recount schedule list, bin/recount schedule history");
    say("Logs:                   " + config.home().logs());
    say("Ctrl-C stops it.");
    String told = "";
    while (true) {
      String problem = traffic.problem().map(RuntimeException::getMessage).orElse("");
      if (!problem.equals(told) && !isStopping) {
        say(problem.isEmpty() ? "Traffic goes on." : "Traffic waits: " + problem);
        told = problem;
      }
      Deadline.after(LOOK).pause(LOOK);
    }
  }

  private static void say(String line) {
    System.out.println(line);
  }
}
