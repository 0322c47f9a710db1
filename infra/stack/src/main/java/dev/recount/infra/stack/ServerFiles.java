package dev.recount.infra.stack;

import dev.recount.core.config.Home;
import dev.recount.core.config.Ports;
import dev.recount.core.config.RecountConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes the settings of Kafka and Pinot, made from Recount's own, into the home. Their folders are
 * named from the home, where their processes work: both take some characters of a path for their
 * own (a comma ends it, a dollar sign begins a variable), and Kafka reads the file as Latin-1.
 */
final class ServerFiles {
  static final String KAFKA = "kafka.properties";
  static final String PINOT = "pinot.properties";

  private ServerFiles() {}

  static void write(RecountConfig config) {
    write(config.home(), KAFKA, kafka(config));
    Map<String, String> pinot = new LinkedHashMap<>();
    pinot.putAll(pinotCluster(config));
    pinot.putAll(pinotController(config));
    pinot.putAll(pinotBroker(config));
    pinot.putAll(pinotServer(config));
    write(config.home(), PINOT, pinot);
  }

  private static void write(Home home, String name, Map<String, String> settings) {
    String text =
        settings.entrySet().stream()
            .map(e -> e.getKey() + "=" + e.getValue().replace("\\", "\\\\") + "\n")
            .collect(Collectors.joining());
    HomeFolder.write(home.run().resolve(name), text);
  }

  private static Map<String, String> kafka(RecountConfig config) {
    Ports ports = config.ports();
    Map<String, String> s = new LinkedHashMap<>();
    s.put("process.roles", "broker,controller");
    s.put("node.id", "1");
    s.put("controller.quorum.voters", "1@localhost:" + ports.kafkaController());
    s.put(
        "listeners",
        "PLAINTEXT://localhost:"
            + ports.kafka()
            + ",CONTROLLER://localhost:"
            + ports.kafkaController());
    s.put("advertised.listeners", "PLAINTEXT://localhost:" + ports.kafka());
    s.put("controller.listener.names", "CONTROLLER");
    s.put("log.dirs", inHome(config, config.home().kafka()));
    s.put("log.message.timestamp.type", "LogAppendTime");
    s.put("auto.create.topics.enable", "false");
    s.put("message.max.bytes", String.valueOf(config.events().maxSizeBytes() + 64 * 1024));
    s.put("num.partitions", "1");
    s.put("num.network.threads", "2");
    s.put("num.io.threads", "4");
    s.put("offsets.topic.num.partitions", "1");
    s.put("offsets.topic.replication.factor", "1");
    s.put("transaction.state.log.num.partitions", "1");
    s.put("transaction.state.log.replication.factor", "1");
    s.put("transaction.state.log.min.isr", "1");
    s.put("share.coordinator.state.topic.num.partitions", "1");
    s.put("share.coordinator.state.topic.replication.factor", "1");
    s.put("share.coordinator.state.topic.min.isr", "1");
    s.put("group.initial.rebalance.delay.ms", "0");
    s.put("log.cleaner.dedupe.buffer.size", "4194304");
    return s;
  }

  private static Map<String, String> pinotCluster(RecountConfig config) {
    String zookeeper = "localhost:" + config.ports().zookeeper();
    Map<String, String> s = new LinkedHashMap<>();
    s.put("zookeeper.port", String.valueOf(config.ports().zookeeper()));
    s.put("zookeeper.data.dir", inHome(config, config.home().pinot().resolve("zookeeper")));
    s.put("pinot.cluster.name", "recount");
    s.put("pinot.zk.server", zookeeper);
    s.put("controller.helix.cluster.name", "recount");
    s.put("controller.zk.str", zookeeper);
    return s;
  }

  private static Map<String, String> pinotController(RecountConfig config) {
    String port = String.valueOf(config.ports().pinotController());
    Map<String, String> s = new LinkedHashMap<>();
    s.put("controller.host", "localhost");
    s.put("controller.vip.host", "localhost");
    s.put("controller.port", port);
    localHttp(s, "controller", port);
    s.put("controller.data.dir", uri(config.home().pinot().resolve("controller")));
    s.put(
        "controller.local.temp.dir",
        inHome(config, config.home().pinot().resolve("controller-temp")));
    s.put("controller.tenant.isolation.enable", "true");
    s.put("controller.mode", "DUAL");
    return s;
  }

  private static Map<String, String> pinotBroker(RecountConfig config) {
    String port = String.valueOf(config.ports().pinotBroker());
    Map<String, String> s = new LinkedHashMap<>();
    s.put("pinot.broker.hostname", "localhost");
    s.put("pinot.broker.client.queryPort", port);
    localHttp(s, "pinot.broker.client", port);
    // Above this number of groups a broker would drop some before it sorts, without saying so.
    s.put("pinot.broker.groupby.trim.threshold", "2000000000");
    s.put("pinot.broker.timeoutMs", String.valueOf(config.serving().timeout().toMillis()));
    s.put("pinot.broker.delayShutdownTimeMs", "0");
    // A query that nobody waits for is ended.
    s.put("pinot.broker.enable.query.cancellation", "true");
    return s;
  }

  private static Map<String, String> pinotServer(RecountConfig config) {
    String admin = String.valueOf(config.ports().pinotServerAdmin());
    String data = inHome(config, config.home().pinot().resolve("server"));
    Map<String, String> s = new LinkedHashMap<>();
    s.put("pinot.server.netty.host", "localhost");
    // Otherwise Pinot looks for a route to the internet, only to forget it, and fails without one.
    s.put("pinot.set.instance.id.to.hostname", "true");
    s.put("pinot.server.netty.port", String.valueOf(config.ports().pinotServer()));
    s.put("pinot.server.adminapi.port", admin);
    localHttp(s, "pinot.server.adminapi", admin);
    s.put("pinot.server.grpc.enable", "false");
    s.put("pinot.server.grpc.port", String.valueOf(config.ports().pinotServerGrpc()));
    s.put("pinot.server.instance.dataDir", data + "/data");
    s.put("pinot.server.instance.segmentTarDir", data + "/tar");
    s.put("pinot.server.instance.consumerDir", data + "/consumers");
    // Exact answers: no group is dropped, neither by rank nor by number.
    s.put("pinot.server.query.executor.min.server.group.trim.size", "-1");
    s.put(
        "pinot.server.query.executor.num.groups.limit",
        String.valueOf(config.pinot().groupsLimit()));
    s.put(
        "pinot.server.query.executor.timeout",
        String.valueOf(config.serving().timeout().toMillis()));
    s.put("pinot.query.scheduler.enable.query.cancellation", "true");
    s.put("pinot.query.scheduler.name", "dev.recount.infra.pinot.CancellingScheduler");
    s.put("pinot.server.startup.serviceStatusCheckIntervalMs", "200");
    s.put("pinot.server.shutdown.enableQueryCheck", "false");
    s.put("pinot.server.shutdown.timeoutMs", "5000");
    return s;
  }

  private static String inHome(RecountConfig config, Path folder) {
    return config.home().path().relativize(folder).toString();
  }

  /** Where Pinot wants a URI, with everything escaped that has a meaning to it or in a URI. */
  private static String uri(Path folder) {
    StringBuilder uri = new StringBuilder("file:");
    for (byte b : folder.toString().getBytes(StandardCharsets.UTF_8)) {
      boolean isPlain =
          b >= 'a' && b <= 'z'
              || b >= 'A' && b <= 'Z'
              || b >= '0' && b <= '9'
              || "/-_.".indexOf(b) >= 0;
      uri.append(isPlain ? String.valueOf((char) b) : String.format("%%%02X", b));
    }
    return uri.toString();
  }

  private static void localHttp(Map<String, String> settings, String prefix, String port) {
    settings.put(prefix + ".access.protocols", "http");
    settings.put(prefix + ".access.protocols.http.host", "localhost");
    settings.put(prefix + ".access.protocols.http.port", port);
    settings.put(prefix + ".access.protocols.http.vip", "true");
  }
}
