package dev.recount.serving.sql;

/** Names and texts in quotes, as Pinot reads them. */
public final class Quoted {
  private Quoted() {}

  /** A name in double quotes, as Pinot takes every name. */
  public static String name(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /**
   * A text in single quotes. Pinot makes one of two quotes that follow each other once too often.
   */
  public static String text(Object value) {
    return "'" + String.valueOf(value).replace("''", "''''").replace("'", "''") + "'";
  }
}
