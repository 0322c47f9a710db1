package dev.recount.core.view;

/**
 * The form in which texts are stored: Pinot ends a text at U+0000, and needs a text that stands for
 * NULL. So U+0001 is an escape: U+0000 is stored as U+0001 U+0001, U+0001 as U+0001 U+0002, and
 * U+0001 alone is NULL. Stored texts have the order of the texts, by characters as by bytes, and
 * NULL is the least but for the empty one.
 */
public final class StoredText {
  /** Stands for NULL. */
  public static final String NULL = "\u0001";

  /** What stands for U+0000. */
  public static final String ZERO = "\u0001\u0001";

  /** What stands for U+0001. */
  public static final String ONE = "\u0001\u0002";

  private static final char ESCAPE = '\u0001';

  private StoredText() {}

  /** The form in which a text is stored. */
  public static String of(String text) {
    return isPlain(text) ? text : text.replace("\u0001", ONE).replace("\u0000", ZERO);
  }

  private static boolean isPlain(String text) {
    return text.chars().noneMatch(c -> c <= ESCAPE);
  }

  /** The text that is stored in this form, which is not that of NULL. */
  public static String text(String stored) {
    return stored.indexOf(ESCAPE) < 0
        ? stored
        : stored.replace(ZERO, "\u0000").replace(ONE, "\u0001");
  }
}
