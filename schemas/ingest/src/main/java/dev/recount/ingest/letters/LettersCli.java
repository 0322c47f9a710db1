package dev.recount.ingest.letters;

import dev.recount.core.cli.Commands;
import picocli.CommandLine.Command;

/** The commands of this package: {@code recount deadletters}. */
@Command(name = "recount", subcommands = LettersCommand.class)
public final class LettersCli {
  public static void main(String[] arguments) {
    Commands.main(new LettersCli(), arguments);
  }
}
