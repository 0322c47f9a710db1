package dev.recount.infra.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.infra.demo.drive.Recount;
import dev.recount.infra.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Another serving process over the whole stack, in a home of its own, which asks for keys. */
final class SecondServing implements AutoCloseable {
  private final RecountConfig config;
  private final LocalStack stack;

  private SecondServing(RecountConfig config) {
    this.config = config;
    this.stack = LocalStack.of(config);
  }

  /**
   * Starts one.
   *
   * @param broker where it finds Pinot's broker
   * @param more settings
   */
  static SecondServing start(Path home, String broker, String... more) throws IOException {
    RecountConfig whole = WholeStack.config();
    String password = Files.readString(whole.home().catalog().resolve("password")).strip();
    Files.writeString(
        home.resolve("recount.conf"),
        """
        access.required = true
        cut.grain = %dms
        kafka.bootstrap = "%s"
        pinot.controller = "%s"
        pinot.broker = "%s"
        catalog.url = "jdbc:h2:tcp://localhost:%d/catalog"
        catalog.password = "%s"
        %s
        """
            .formatted(
                whole.cut().grain().toMillis(),
                whole.kafkaBootstrap(),
                whole.pinot().controller(),
                broker,
                whole.ports().catalog(),
                password,
                String.join("\n", more)));
    SecondServing serving =
        new SecondServing(RecountConfig.load(home, Optional.of(WholeStack.freePorts()), Map.of()));
    serving.stack.start("serving");
    return serving;
  }

  RecountConfig config() {
    return config;
  }

  /** Its process. */
  long pid() {
    return stack.status().stream()
        .filter(process -> process.name().equals("serving"))
        .findFirst()
        .orElseThrow()
        .pid();
  }

  /** Runs a command on its home, which must succeed; what it printed. */
  String recount(List<String> words) {
    return WholeStack.requireZero(
        WarmCommands.run(new Recount(config).withHome(words.toArray(String[]::new))));
  }

  /** Makes a key; its text. */
  String key(String name, String... options) {
    List<String> words = new ArrayList<>(List.of("key", "create", name, "--format", "json"));
    words.addAll(List.of(options));
    String said = recount(words);
    return Json.read(said.lines().findFirst().orElseThrow(), JsonNode.class).path("key").asText();
  }

  @Override
  public void close() {
    stack.close();
  }
}
