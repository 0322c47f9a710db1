package dev.recount.ingest.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages of the documentation lead to each other. */
class LinksTest {
  private static final Path ROOT = Path.of(System.getProperty("recount.root"));
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(#[^)\\s]*)?\\)");

  private static List<Path> files(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(f -> f.toString().endsWith(ending)).toList();
    }
  }

  private static Stream<Path> targets(Path page) {
    try {
      return LINK.matcher(Files.readString(page))
          .results()
          .map(MatchResult::group)
          .map(link -> LINK.matcher(link).replaceFirst("$1"))
          .filter(target -> !target.contains(":"))
          .map(page::resolveSibling);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everyRelativeLink_leadsToAFile() throws IOException {
    Stream<Path> pages =
        Stream.concat(
            Stream.of(ROOT.resolve("README.md")), files(ROOT.resolve("docs"), ".md").stream());
    assertThat(pages.flatMap(LinksTest::targets)).hasSizeGreaterThan(10).allMatch(Files::exists);
  }

  @Test
  void everyDecision_hasItsOwnNumber() throws IOException {
    List<Path> decisions = files(ROOT.resolve("docs/decisions"), ".md");
    assertThat(decisions)
        .isNotEmpty()
        .allSatisfy(
            page -> assertThat(Files.readString(page)).startsWith("# " + number(page) + ". "));
    assertThat(decisions.stream().map(LinksTest::number)).doesNotHaveDuplicates();
  }

  private static int number(Path decision) {
    return Integer.parseInt(decision.getFileName().toString().substring(0, 4));
  }
}
