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
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs commands of one module, one after the other, in a JVM with that module's class path: what a
 * line of the input asks for, a line of the output answers. Each runs as {@code bin/recount} runs
 * it, from the words to the exit code; only the JVM is warm.
 */
public final class CommandHost {
  private CommandHost() {}

  public static void main(String[] arguments) throws Exception {
    PrintStream answers = System.out;
    BufferedReader asked =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    System.setIn(InputStream.nullInputStream());
    for (String line = asked.readLine(); line != null; line = asked.readLine()) {
      String[] words = words(line);
      ByteArrayOutputStream said = new ByteArrayOutputStream();
      try (PrintStream output = new PrintStream(said, true, StandardCharsets.UTF_8)) {
        System.setOut(output);
        System.setErr(output);
        int code = Commands.start(commands(words[0]), Arrays.copyOfRange(words, 1, words.length));
        answers.println(code + " " + Base64.getEncoder().encodeToString(said.toByteArray()));
      }
    }
    // Threads that a library left behind must not keep the process.
    System.exit(0);
  }

  private static Object commands(String name) throws ReflectiveOperationException {
    Constructor<?> commands = Class.forName(name).getDeclaredConstructor();
    commands.setAccessible(true);
    return commands.newInstance();
  }

  /**
   * What asks for a command.
   *
   * @param commands the class of the module's commands
   */
  static String line(String commands, List<String> words) {
    return Stream.concat(Stream.of(commands), words.stream())
        .map(
            word -> "=" + Base64.getEncoder().encodeToString(word.getBytes(StandardCharsets.UTF_8)))
        .collect(Collectors.joining(" "));
  }

  private static String[] words(String line) {
    return Arrays.stream(line.split(" "))
        .map(
            word ->
                new String(Base64.getDecoder().decode(word.substring(1)), StandardCharsets.UTF_8))
        .toArray(String[]::new);
  }
}
