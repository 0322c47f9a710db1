package dev.recount.batch.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What is wrong with the words of the command is said before anything is asked. */
class BackfillCommandTest {
  @TempDir private Path home;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2024-05-02 | 2024-05-01 | 1 | --from 2024-05-02T00:00:00Z is not before --to 2024-05-01T00",
        "2024-05-01 | 2024-05-01 | 1 | is not before",
        "yesterday  | 2024-05-01 | 1 | Cannot read --from 'yesterday': write a moment such as",
        "2024-05-01 | 2024-13-01 | 1 | Cannot read --to '2024-13-01'",
        "2024-05-01 | +123456-01-01T00:00 | 1 | Cannot read --to",
        "2024-05-01 | 2024-05-02 | 0 | Cannot read --limit-rate 0: write how many events a second",
      })
  void wordsThatMakeNoSense_areRefused(String from, String to, String rate, String says) {
    BackfillCommand backfill = new BackfillCommand();
    new CommandLine(backfill)
        .parseArgs(
            "traffic", "--from", from, "--to", to, "--limit-rate", rate, "--home", home.toString());
    assertThatThrownBy(backfill::call)
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE))
        .hasMessageContaining(says);
  }
}
