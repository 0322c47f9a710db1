package dev.recount.ingest.source;

import java.io.IOException;
import java.io.InputStream;

/**
 * UTF-16 as UTF-8. Half of a pair of surrogates becomes three bytes that are not UTF-8, so that its
 * record is wrong and no other is.
 */
final class Utf16Text extends InputStream {
  private static final int NONE = -2;
  private static final int END = -1;

  private final InputStream in;
  private final boolean isBigEndian;
  private final byte[] raw = new byte[32 * 1024];
  private int rawAt;
  private int rawLength;
  private final byte[] encoded = new byte[4];
  private int at;
  private int length;
  private int next = NONE;

  Utf16Text(InputStream in, boolean isBigEndian) {
    this.in = in;
    this.isBigEndian = isBigEndian;
  }

  @Override
  public int read() throws IOException {
    if (at == length && !encodeNext()) {
      return -1;
    }
    return encoded[at++] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int from, int size) throws IOException {
    int count = 0;
    while (count < size && (count == 0 || at < length || rawLength - rawAt > 3)) {
      int read = read();
      if (read < 0) {
        return count == 0 ? -1 : count;
      }
      buffer[from + count++] = (byte) read;
    }
    return count;
  }

  @Override
  public int available() throws IOException {
    return length - at + (rawLength - rawAt + in.available() > 3 ? 1 : 0);
  }

  private boolean encodeNext() throws IOException {
    int unit = unit();
    at = 0;
    length = 0;
    if (unit == END) {
      return false;
    }
    int code = unit;
    if (Character.isHighSurrogate((char) unit)) {
      int second = unit();
      if (second != END && Character.isLowSurrogate((char) second)) {
        code = Character.toCodePoint((char) unit, (char) second);
      } else {
        next = second;
      }
    }
    encode(code);
    return true;
  }

  private void encode(int code) {
    if (code < 0x80) {
      put(code);
    } else if (code < 0x800) {
      put(0xC0 | code >> 6);
      put(0x80 | code & 0x3F);
    } else if (code < 0x10000) {
      put(0xE0 | code >> 12);
      put(0x80 | code >> 6 & 0x3F);
      put(0x80 | code & 0x3F);
    } else {
      put(0xF0 | code >> 18);
      put(0x80 | code >> 12 & 0x3F);
      put(0x80 | code >> 6 & 0x3F);
      put(0x80 | code & 0x3F);
    }
  }

  private void put(int value) {
    encoded[length++] = (byte) value;
  }

  private int unit() throws IOException {
    if (next != NONE) {
      int unit = next;
      next = NONE;
      return unit;
    }
    int first = rawByte();
    if (first < 0) {
      return END;
    }
    int second = rawByte();
    if (second < 0) {
      throw new IOException("its UTF-16 ends inside of a character");
    }
    return isBigEndian ? first << 8 | second : second << 8 | first;
  }

  private int rawByte() throws IOException {
    if (rawAt == rawLength) {
      rawLength = in.read(raw);
      rawAt = 0;
      if (rawLength < 0) {
        rawLength = 0;
        return -1;
      }
    }
    return raw[rawAt++] & 0xff;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
