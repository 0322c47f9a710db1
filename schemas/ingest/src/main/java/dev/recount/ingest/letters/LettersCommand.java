package dev.recount.ingest.letters;

import picocli.CommandLine.Command;

/** What could not be accepted. */
@Command(
    name = "deadletters",
    mixinStandardHelpOptions = true,
    subcommands = {ListCommand.class, PutBackCommand.class},
    description = "Shows rejected records, and sends them in again after a fix.")
final class LettersCommand {}
