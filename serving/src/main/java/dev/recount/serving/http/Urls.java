package dev.recount.serving.http;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.text.Utf8Text;
import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Whether a URL says what it means. The server itself takes a byte that is not text for U+FFFD, and
 * another question would be answered than the one that was asked.
 */
final class Urls {
  /** What the server itself makes of bytes that are not encoded and no UTF-8. */
  private static final char REPLACED = '\uFFFD';

  /** A percent sign and two digits. */
  private static final int ENCODED = 3;

  private Urls() {}

  /**
   * @throws RecountException REQUEST_INVALID
   */
  static void requireReadable(Context context) {
    requireReadable("path", context.req().getRequestURI());
    String query = context.queryString();
    for (String parameter : query == null ? new String[0] : query.split("&")) {
      requireReadable("parameter '" + parameter.split("=", 2)[0] + "'", parameter);
    }
  }

  private static void requireReadable(String part, String encoded) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
    int at = 0;
    for (int percent = encoded.indexOf('%'); percent >= 0; percent = encoded.indexOf('%', at)) {
      bytes.writeBytes(encoded.substring(at, percent).getBytes(StandardCharsets.UTF_8));
      bytes.write(octet(part, encoded, percent));
      at = percent + ENCODED;
    }
    bytes.writeBytes(encoded.substring(at).getBytes(StandardCharsets.UTF_8));
    if (encoded.indexOf(REPLACED) >= 0 || !Utf8Text.isUtf8(bytes.toByteArray())) {
      throw invalid(part, "its bytes are not UTF-8; encode the text in UTF-8");
    }
  }

  private static int octet(String part, String encoded, int at) {
    String digits = encoded.substring(at + 1, Math.min(at + ENCODED, encoded.length()));
    int high = digits.length() == 2 ? Character.digit(digits.charAt(0), 16) : -1;
    int low = digits.length() == 2 ? Character.digit(digits.charAt(1), 16) : -1;
    if (high < 0 || low < 0) {
      throw invalid(part, "'%" + digits + "' is not an encoded byte; write %25 for a percent sign");
    }
    return high << 4 | low;
  }

  private static RecountException invalid(String part, String reason) {
    return RecountException.of(
        ErrorCode.REQUEST_INVALID, "Cannot read the %s of the URL: %s", part, reason);
  }
}
