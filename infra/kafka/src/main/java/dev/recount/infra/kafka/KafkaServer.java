package dev.recount.infra.kafka;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.Kafka;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;

/**
 * A broker and its KRaft controller in one process. The argument is a Kafka properties file; its
 * storage is formatted on the first start.
 */
public final class KafkaServer {
  private KafkaServer() {}

  /** Runs until SIGTERM. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1) {
      System.err.println(
          "Cannot start Kafka: one argument is needed, the path of a properties file, found "
              + arguments.length);
      System.exit(2);
    }
    Path settings = Path.of(arguments[0]);
    if (!isFormatted(settings)) {
      format(settings);
    }
    Kafka.main(new String[] {settings.toString()});
  }

  private static boolean isFormatted(Path settings) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(settings)) {
      properties.load(reader);
    }
    return Files.exists(Path.of(properties.getProperty("log.dirs"), "meta.properties"));
  }

  private static void format(Path settings) {
    String[] command = {
      "format", "--config", settings.toString(), "--cluster-id", Uuid.randomUuid().toString()
    };
    int exitCode = StorageTool.execute(command, System.out);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }
}
