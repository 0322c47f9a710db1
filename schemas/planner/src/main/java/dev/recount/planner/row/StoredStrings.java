package dev.recount.planner.row;

import dev.recount.core.view.StoredText;
import org.apache.spark.unsafe.types.UTF8String;

/** {@link StoredText} of Spark's strings; called by the code that Spark generates. */
public final class StoredStrings {
  private static final byte ESCAPE = 1;

  private StoredStrings() {}

  /** The form in which a string is stored; the string itself, if that is the same. */
  public static UTF8String of(UTF8String text) {
    for (int i = 0; i < text.numBytes(); i++) {
      byte b = text.getByte(i);
      if (b >= 0 && b <= ESCAPE) {
        return UTF8String.fromString(StoredText.of(text.toString()));
      }
    }
    return text;
  }
}
