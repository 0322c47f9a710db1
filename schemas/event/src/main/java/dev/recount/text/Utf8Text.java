package dev.recount.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * Whether bytes are UTF-8, and texts can be written as UTF-8. What is not must be refused: those
 * who repair such text do it in different ways, and make one value of several.
 */
public final class Utf8Text {
  /** What is in place of bytes that are not UTF-8 when they are read leniently. */
  private static final char REPLACEMENT = '\uFFFD';

  /** A byte B that is not UTF-8 is the half surrogate pair of this and B, as in Python. */
  private static final int ESCAPED_BYTE = 0xDC00;

  private Utf8Text() {}

  public static boolean isUtf8(byte[] bytes) {
    return isUtf8(bytes, bytes.length);
  }

  /** Whether the first bytes, so many of them, are. */
  public static boolean isUtf8(byte[] bytes, int length) {
    return firstProblem(bytes, length) < 0;
  }

  private static boolean isAscii(byte[] bytes, int length) {
    int signs = 0;
    for (int at = 0; at < length; at++) {
      signs |= bytes[at];
    }
    return signs >= 0;
  }

  /** Where the first bytes are that are not UTF-8, from 0; -1 if all are. */
  public static int firstProblem(byte[] bytes, int length) {
    if (isAscii(bytes, length)
        || new String(bytes, 0, length, StandardCharsets.UTF_8).indexOf(REPLACEMENT) < 0) {
      return -1;
    }
    ByteBuffer in = ByteBuffer.wrap(bytes, 0, length);
    CoderResult result =
        StandardCharsets.UTF_8.newDecoder().decode(in, CharBuffer.allocate(length), true);
    return result.isError() ? in.position() : -1;
  }

  /** The position of the first half of a surrogate pair without its other half; -1 if none does. */
  public static int firstLoneSurrogate(String text) {
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (Character.isSurrogate(c)) {
        if (!Character.isHighSurrogate(c)
            || at + 1 == text.length()
            || !Character.isLowSurrogate(text.charAt(at + 1))) {
          return at;
        }
        at++;
      }
    }
    return -1;
  }

  /**
   * The text that bytes are. Each byte that is not UTF-8 becomes half of a surrogate pair, so that
   * none is lost and the text is refused as a value.
   */
  public static String read(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) < 0) {
      return text;
    }
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    while (decoder.decode(in, out, true).isError()) {
      out.put((char) (ESCAPED_BYTE + (in.get() & 0xFF)));
    }
    return out.flip().toString();
  }

  /** UTF-8, or if it is not, a character for each byte: nothing is lost. */
  public static String readOrLatin1(byte[] bytes) {
    return new String(bytes, isUtf8(bytes) ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
  }

  /** Whether half of a surrogate pair is what {@link #read} makes of a byte. */
  public static boolean isEscapedByte(char c) {
    return c >= ESCAPED_BYTE + 0x80 && c <= ESCAPED_BYTE + 0xFF;
  }

  /**
   * The text of a file or a message.
   *
   * @throws CharacterCodingException saying where it is not UTF-8
   */
  public static String require(byte[] bytes) throws CharacterCodingException {
    int problem = firstProblem(bytes, bytes.length);
    if (problem >= 0) {
      throw new NotUtf8Exception(shown(bytes, problem));
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Names a byte that is not UTF-8: its value, and its place from 1. */
  public static String shown(byte[] bytes, int at) {
    return String.format(
        "it is not UTF-8: byte %d is 0x%02X, which is not valid there", at + 1, bytes[at]);
  }

  private static final class NotUtf8Exception extends CharacterCodingException {
    private static final long serialVersionUID = 1L;
    private final String reason;

    NotUtf8Exception(String reason) {
      this.reason = reason;
    }

    @Override
    public String getMessage() {
      return reason;
    }
  }
}
