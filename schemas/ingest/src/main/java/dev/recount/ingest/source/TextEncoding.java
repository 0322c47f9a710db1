package dev.recount.ingest.source;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;

/** How the characters of a text are encoded, recognized by its first bytes: UTF-8, or UTF-16. */
public final class TextEncoding {
  private TextEncoding() {}

  /**
   * The text in UTF-8, without its byte order mark.
   *
   * @param start the first bytes of it
   */
  public static InputStream utf8(BufferedInputStream in, byte[] start) throws IOException {
    if (begins(start, 0xFF, 0xFE, 0, 0) || begins(start, 0, 0, 0xFE, 0xFF)) {
      throw new IOException("it is written in UTF-32; write it in UTF-8");
    }
    if (begins(start, 0xEF, 0xBB, 0xBF)) {
      in.skipNBytes(3);
      return in;
    }
    boolean isMarkedBig = begins(start, 0xFE, 0xFF);
    if (isMarkedBig || begins(start, 0xFF, 0xFE)) {
      in.skipNBytes(2);
      return new Utf16Text(in, isMarkedBig);
    }
    if (isEveryOtherNul(start, 0)) {
      return new Utf16Text(in, true);
    }
    return isEveryOtherNul(start, 1) ? new Utf16Text(in, false) : in;
  }

  private static boolean begins(byte[] start, int... expected) {
    if (start.length < expected.length) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if ((start[i] & 0xff) != expected[i]) {
        return false;
      }
    }
    return true;
  }

  /** Of UTF-16 without a mark; the first characters of JSON, CSV and logs are ASCII. */
  private static boolean isEveryOtherNul(byte[] start, int place) {
    if (start.length < 4) {
      return false;
    }
    for (int i = 0; i < 4; i++) {
      if ((start[i] == 0) != (i % 2 == place)) {
        return false;
      }
    }
    return true;
  }
}
