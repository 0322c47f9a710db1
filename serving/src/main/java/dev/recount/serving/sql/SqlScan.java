package dev.recount.serving.sql;

import java.util.Locale;

/**
 * What must be known of a query's text before it is parsed, found in one pass over its characters;
 * texts, names in quotes and comments are skipped.
 */
final class SqlScan {
  private static final String OPTION = "option";

  private final String sql;
  private final StringBuilder renamed;
  private int position;
  private int depth;
  private int deepest;
  private int optionStart = -1;
  private int optionEnd = -1;
  private int optionDepth = -1;
  private String firstWord = "";

  private SqlScan(String sql) {
    this.sql = sql;
    this.renamed = new StringBuilder(sql);
  }

  static SqlScan of(String sql) {
    SqlScan scan = new SqlScan(sql);
    while (scan.position < sql.length()) {
      scan.step();
    }
    return scan;
  }

  /** The text as the parser is given it: each call of MEASURE by its inner name, no OPTION. */
  String forParser() {
    return hasOption() ? renamed.substring(0, optionStart) : renamed.toString();
  }

  /** Whether it ends with Pinot's own suffix for options. */
  boolean hasOption() {
    return optionEnd >= 0 && isNothing(optionEnd);
  }

  /** What is between the parentheses of that suffix. */
  String option() {
    String suffix = sql.substring(optionStart, optionEnd);
    return suffix.substring(suffix.indexOf('(') + 1, suffix.length() - 1);
  }

  /** How deep its parentheses are nested. */
  int deepest() {
    return deepest;
  }

  /** Its first word, in capitals; empty if it has none. */
  String firstWord() {
    return firstWord;
  }

  private void step() {
    char c = sql.charAt(position);
    if (c == '\'' || c == '"') {
      position = afterQuote(c);
    } else if (sql.startsWith("--", position) || sql.startsWith("//", position)) {
      position = after("\n");
    } else if (sql.startsWith("/*", position)) {
      position += 2;
      position = after("*/");
    } else if (Character.isJavaIdentifierStart(c)) {
      word();
    } else {
      nest(c);
      position++;
    }
  }

  /** Two quotes that follow each other do not end it, which this sees as the next one's begin. */
  private int afterQuote(char quote) {
    int end = sql.indexOf(quote, position + 1);
    return end < 0 ? sql.length() : end + 1;
  }

  private int after(String end) {
    int found = sql.indexOf(end, position);
    return found < 0 ? sql.length() : found + end.length();
  }

  private void nest(char c) {
    if (c == '(') {
      depth++;
      deepest = Math.max(deepest, depth);
    } else if (c == ')') {
      depth--;
      if (depth == optionDepth && optionEnd < 0) {
        optionEnd = position + 1;
      }
    }
  }

  private void word() {
    int start = position;
    while (position < sql.length() && Character.isJavaIdentifierPart(sql.charAt(position))) {
      position++;
    }
    String word = sql.substring(start, position);
    if (firstWord.isEmpty()) {
      firstWord = word.toUpperCase(Locale.ROOT);
    }
    if (word.equalsIgnoreCase("MEASURE") && isCalled()) {
      renamed.replace(start, position, SqlNodes.MEASURE);
    }
    if (word.equalsIgnoreCase(OPTION) && isCalled()) {
      optionStart = start;
      optionDepth = depth;
      optionEnd = -1;
    }
  }

  private boolean isCalled() {
    int next = position;
    while (next < sql.length() && Character.isWhitespace(sql.charAt(next))) {
      next++;
    }
    return next < sql.length() && sql.charAt(next) == '(';
  }

  /** Whether only blanks and semicolons follow. */
  private boolean isNothing(int from) {
    for (int i = from; i < sql.length(); i++) {
      if (!Character.isWhitespace(sql.charAt(i)) && sql.charAt(i) != ';') {
        return false;
      }
    }
    return true;
  }
}
