package dev.recount.infra.demo;

import dev.recount.infra.demo.drive.Recount;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The commands that docs/operating.md shows. */
final class OperatingPage {
  private static final Pattern BLOCK = Pattern.compile("```sh\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern COMMAND = Pattern.compile("(?m)^(?:bin/)?recount (.*?) *(?:#.*)?$");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");

  private OperatingPage() {}

  /** Each in its words, without {@code recount}. */
  static List<List<String>> commands() throws IOException {
    String page = Files.readString(Recount.root().resolve("docs/operating.md"));
    List<List<String>> commands = new ArrayList<>();
    for (Matcher block = BLOCK.matcher(page); block.find(); ) {
      for (Matcher command = COMMAND.matcher(block.group(1)); command.find(); ) {
        commands.add(words(command.group(1)));
      }
    }
    return commands;
  }

  private static List<String> words(String command) {
    List<String> words = new ArrayList<>();
    for (Matcher word = WORD.matcher(command); word.find(); ) {
      words.add(
          Stream.of(1, 2, 3).map(word::group).filter(Objects::nonNull).findFirst().orElseThrow());
    }
    return words;
  }
}
