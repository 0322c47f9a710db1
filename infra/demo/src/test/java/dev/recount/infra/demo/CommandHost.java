package dev.recount.infra.demo;

import dev.recount.core.cli.Commands;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Runs commands of one module, one after the other, in a JVM with that module's class path: what a
 * line of the input asks for, a line of the output answers. Each runs as {@code bin/recount} runs
 * it, from the words to the exit code; only the JVM is warm.
 */
public final class CommandHost {
  private CommandHost() {}

  /**
   * @param arguments the class of the module's commands
   */
  public static void main(String[] arguments) throws Exception {
    Constructor<?> commands = Class.forName(arguments[0]).getDeclaredConstructor();
    commands.setAccessible(true);
    PrintStream answers = System.out;
    BufferedReader asked =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    System.setIn(InputStream.nullInputStream());
    for (String line = asked.readLine(); line != null; line = asked.readLine()) {
      ByteArrayOutputStream said = new ByteArrayOutputStream();
      try (PrintStream output = new PrintStream(said, true, StandardCharsets.UTF_8)) {
        System.setOut(output);
        System.setErr(output);
        int code = Commands.start(commands.newInstance(), words(line));
        answers.println(code + " " + Base64.getEncoder().encodeToString(said.toByteArray()));
      }
    }
    // Threads that a library left behind must not keep the process.
    System.exit(0);
  }

  static String line(String... words) {
    return String.join(
        " ",
        Arrays.stream(words)
            .map(
                word ->
                    "=" + Base64.getEncoder().encodeToString(word.getBytes(StandardCharsets.UTF_8)))
            .toList());
  }

  private static String[] words(String line) {
    return Arrays.stream(line.split(" "))
        .map(
            word ->
                new String(Base64.getDecoder().decode(word.substring(1)), StandardCharsets.UTF_8))
        .toArray(String[]::new);
  }
}
