package dev.recount.core.config;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The ports of the local stack: one contiguous block that starts at {@code base}, so that {@code
 * --port-base} moves them together.
 */
public record Ports(int base) {
  /** How many ports the block holds. */
  public static final int COUNT = 11;

  public int serving() {
    return base;
  }

  public int kafka() {
    return base + 1;
  }

  public int kafkaController() {
    return base + 2;
  }

  public int catalog() {
    return base + 3;
  }

  public int zookeeper() {
    return base + 4;
  }

  public int pinotController() {
    return base + 5;
  }

  public int pinotBroker() {
    return base + 6;
  }

  public int pinotServer() {
    return base + 7;
  }

  public int pinotServerAdmin() {
    return base + 8;
  }

  public int pinotServerGrpc() {
    return base + 9;
  }

  public int pinotServerQuery() {
    return base + 10;
  }

  /** Name to port, in the order of the block. */
  public Map<String, Integer> all() {
    Map<String, Integer> all = new LinkedHashMap<>();
    all.put("serving", serving());
    all.put("kafka", kafka());
    all.put("kafka-controller", kafkaController());
    all.put("catalog", catalog());
    all.put("zookeeper", zookeeper());
    all.put("pinot-controller", pinotController());
    all.put("pinot-broker", pinotBroker());
    all.put("pinot-server", pinotServer());
    all.put("pinot-server-admin", pinotServerAdmin());
    all.put("pinot-server-grpc", pinotServerGrpc());
    all.put("pinot-server-query", pinotServerQuery());
    return all;
  }
}
