package dev.recount.infra.stack;

import dev.recount.core.config.Ports;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The table of all processes, in the order in which they are started. */
final class StackProcesses {
  static final String WATCH = "watch";

  private final List<ProcessSpec> specs;

  private StackProcesses(List<ProcessSpec> specs) {
    this.specs = specs;
  }

  static StackProcesses of(RecountConfig config) {
    List<ProcessSpec> all = new ArrayList<>(servers(config));
    all.addAll(services(config.ports(), ownArguments(config)));
    return new StackProcesses(all.stream().filter(spec -> isOurs(spec, config)).toList());
  }

  private static List<String> ownArguments(RecountConfig config) {
    return List.of(
        "--home",
        config.home().path().toString(),
        "--port-base",
        String.valueOf(config.ports().base()));
  }

  private static List<ProcessSpec> servers(RecountConfig config) {
    Ports p = config.ports();
    String run = config.home().path().relativize(config.home().run()).toString();
    return List.of(
        new ProcessSpec(
            "catalog",
            "schemas/core",
            "dev.recount.core.catalog.CatalogServer",
            ownArguments(config),
            Map.of("catalog", p.catalog()),
            List.of(),
            false),
        new ProcessSpec(
            "kafka",
            "infra/kafka",
            "dev.recount.infra.kafka.KafkaServer",
            List.of(run + "/" + ServerFiles.KAFKA),
            Map.of("kafka", p.kafka(), "kafka-controller", p.kafkaController()),
            List.of(),
            false),
        new ProcessSpec(
            "pinot",
            "infra/pinot",
            "dev.recount.infra.pinot.PinotServers",
            List.of(run + "/" + ServerFiles.PINOT, "zookeeper", "controller", "broker"),
            Map.of(
                "zookeeper", p.zookeeper(),
                "pinot-controller", p.pinotController(),
                "pinot-broker", p.pinotBroker()),
            List.of(),
            false),
        new ProcessSpec(
            "pinot-server",
            "infra/pinot",
            "dev.recount.infra.pinot.PinotServers",
            List.of(run + "/" + ServerFiles.PINOT, "server"),
            Map.of("pinot-server", p.pinotServer(), "pinot-server-admin", p.pinotServerAdmin()),
            List.of("pinot"),
            true));
  }

  /** Not one of all: it watches them. */
  static ProcessSpec watch(RecountConfig config) {
    return new ProcessSpec(
        WATCH,
        "infra/stack",
        "dev.recount.infra.stack.WatchProcess",
        ownArguments(config),
        Map.of(),
        List.of(),
        false);
  }

  private static List<ProcessSpec> services(Ports ports, List<String> arguments) {
    return List.of(
        new ProcessSpec(
            "archive",
            "batch/archive",
            "dev.recount.batch.archive.ArchiveService",
            arguments,
            Map.of(),
            List.of("catalog", "kafka"),
            false),
        new ProcessSpec(
            "speed",
            "speed",
            "dev.recount.speed.SpeedService",
            arguments,
            Map.of(),
            List.of("catalog", "kafka"),
            false),
        new ProcessSpec(
            "serving",
            "serving",
            "dev.recount.serving.ServingService",
            arguments,
            Map.of("serving", ports.serving()),
            List.of("catalog"),
            false),
        new ProcessSpec(
            "scheduler",
            "scheduler",
            "dev.recount.scheduler.SchedulerService",
            arguments,
            Map.of(),
            List.of("catalog"),
            false));
  }

  /** Not a server for which the settings name another one. */
  private static boolean isOurs(ProcessSpec spec, RecountConfig config) {
    Ports ports = config.ports();
    return switch (spec.name()) {
      case "catalog" -> config.catalog().url().isEmpty();
      case "kafka" -> config.kafkaBootstrap().equals("localhost:" + ports.kafka());
      case "pinot", "pinot-server" ->
          config.pinot().controller().equals("http://localhost:" + ports.pinotController());
      default -> true;
    };
  }

  List<ProcessSpec> all() {
    return specs;
  }

  ProcessSpec named(String name) {
    return specs.stream()
        .filter(spec -> spec.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                RecountException.of(
                    ErrorCode.USAGE,
                    "Cannot find process '%s': the processes are %s",
                    name,
                    String.join(", ", specs.stream().map(ProcessSpec::name).toList())));
  }

  /** The named ones in start order; all if none is named. */
  List<ProcessSpec> named(Collection<String> names) {
    names.forEach(this::named);
    return names.isEmpty()
        ? specs
        : specs.stream().filter(spec -> names.contains(spec.name())).toList();
  }

  /** Groups that may stop together, dependents first. */
  List<List<ProcessSpec>> stopOrder() {
    List<List<ProcessSpec>> waves = new ArrayList<>();
    List<ProcessSpec> left = new ArrayList<>(specs);
    while (!left.isEmpty()) {
      List<ProcessSpec> wave =
          left.stream()
              .filter(spec -> left.stream().noneMatch(other -> other.needs().contains(spec.name())))
              .toList();
      waves.add(wave);
      left.removeAll(wave);
    }
    return waves;
  }
}
