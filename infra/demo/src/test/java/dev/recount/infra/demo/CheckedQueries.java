package dev.recount.infra.demo;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a query of serving's to Pinot may look like, whatever somebody asked. */
final class CheckedQueries {
  private static final Pattern BEGIN =
      Pattern.compile(
          "SET minServerGroupTrimSize = -1; SET recountQuery = '[-0-9a-f]+'; SET timeoutMs = \\d+; (SELECT .*)",
          Pattern.DOTALL);

  /** Texts and quoted names; a quote in one is doubled. */
  private static final Pattern QUOTED = Pattern.compile("'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"");

  private static final Pattern FORBIDDEN =
      Pattern.compile(
          "(?i)['\";`\\\\$@#]|--|/\\*|\\b(SET|OPTION|UNION|JOIN|INSERT|DELETE|DROP|INTO|WITH|GROOVY"
              + "|LOOKUP|IN_SUBQUERY|IN_PARTITIONED_SUBQUERY|INIDSET|IN_ID_SET)\\b");

  private static final Pattern SELECT = Pattern.compile("(?i)\\bSELECT\\b");

  private CheckedQueries() {}

  /**
   * What is wrong with a query; empty if nothing is.
   *
   * @param view whose tables alone it may read
   */
  static Optional<String> problem(String query, String view) {
    Matcher begin = BEGIN.matcher(query);
    if (!begin.matches()) {
      return Optional.of("it begins otherwise");
    }
    String bare = QUOTED.matcher(begin.group(1)).replaceAll(" ? ");
    Matcher forbidden = FORBIDDEN.matcher(bare);
    if (forbidden.find()) {
      return Optional.of("it has " + forbidden.group());
    }
    if (SELECT.matcher(bare).results().count() != 1) {
      return Optional.of("it has several SELECTs");
    }
    Pattern table = Pattern.compile(" FROM " + view + "_v\\d+(_OFFLINE|_REALTIME)?( |$)");
    if (Pattern.compile("(?i)\\bFROM\\b").matcher(bare).results().count() != 1
        || !table.matcher(bare).find()) {
      return Optional.of("it does not read the view alone");
    }
    return bare.matches("(?s).* LIMIT \\d+") ? Optional.empty() : Optional.of("it has no LIMIT");
  }
}
