package dev.recount.serving.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.infra.stack.JavaCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Spark as a process of its own: serving does not have it on its class path. */
final class SparkProcess implements AutoCloseable {
  private final Process process;
  private final PrintStream in;
  private final BufferedReader out;

  /**
   * @param types of the columns of the file
   * @param file a JSON object a line
   * @param selected of it, with names
   */
  SparkProcess(String types, Path file, List<String> selected) throws IOException {
    Path root = Path.of(System.getProperty("recount.root"));
    String source = root.resolve("serving/src/test/spark/SparkRows.java").toString();
    List<String> arguments = List.of(types, file.toString(), String.join(";", selected));
    process =
        new ProcessBuilder(JavaCommand.of(root, "schemas/apply", source, arguments))
            .redirectError(root.resolve("serving/target/spark-rows.log").toFile())
            .start();
    in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Of each expression its values, a text or NULL for each row; or a text that says why not. */
  JsonNode values(List<String> expressions) throws IOException {
    in.println(Json.write(expressions));
    String answer = out.readLine();
    if (answer == null) {
      throw new IOException("Spark has ended; see serving/target/spark-rows.log");
    }
    return Json.MAPPER.readTree(answer);
  }

  @Override
  public void close() throws IOException {
    in.close();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
