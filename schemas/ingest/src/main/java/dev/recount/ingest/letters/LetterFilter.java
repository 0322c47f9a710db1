package dev.recount.ingest.letters;

import dev.recount.core.letter.DeadLetter;
import dev.recount.error.ErrorCode;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which letters a command is about. */
final class LetterFilter {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "EVENT",
      description = "Only dead letters of this event.")
  private String event;

  @Option(
      names = "--reason",
      paramLabel = "CODE",
      description = "Only dead letters refused for this reason, such as EVENT_FIELD_TYPE.")
  private ErrorCode reason;

  Optional<String> event() {
    return Optional.ofNullable(event);
  }

  boolean fits(DeadLetter letter) {
    return (event == null || event.equals(letter.event()))
        && (reason == null || reason == letter.code());
  }
}
