package dev.recount.ingest.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A source's text: unpacked, in UTF-8, without its byte order mark. How it begins is known before
 * it is read, so that it can be told what it is.
 */
public final class OpenSource extends BlockInput {
  /** As much is looked at, where it is there. */
  static final int BEGINNING_BYTES = 64 * 1024;

  private final InputStream in;
  private final byte[] beginning;
  private final boolean isWhole;
  private final IOException failure;
  private int at;

  private OpenSource(InputStream in, byte[] beginning, boolean isWhole, IOException failure) {
    this.in = in;
    this.beginning = beginning;
    this.isWhole = isWhole;
    this.failure = failure;
  }

  /**
   * @param isPatient whether to wait for what comes later, as from a file; not so of a pipe, whose
   *     first line may be all for a long time
   */
  static OpenSource of(InputStream in, boolean isPatient) {
    byte[] buffer = new byte[BEGINNING_BYTES];
    int length = 0;
    int read = 0;
    IOException failure = null;
    try {
      while (read >= 0
          && length < buffer.length
          && (isPatient || !isLineThere(buffer, length, in))) {
        read = in.read(buffer, length, buffer.length - length);
        length += Math.max(0, read);
      }
    } catch (IOException e) {
      failure = e;
    }
    return new OpenSource(in, Arrays.copyOf(buffer, length), read < 0 || failure != null, failure);
  }

  private static boolean isLineThere(byte[] buffer, int length, InputStream in) throws IOException {
    return Lines.lineFeeds(buffer, 0, length) > 0
        && in.available() == 0
        && !isObjectOpen(buffer, length);
  }

  /** Whether all that is there is a bracket: of an object over several lines, which continues. */
  private static boolean isObjectOpen(byte[] buffer, int length) {
    return new String(buffer, 0, length, StandardCharsets.ISO_8859_1).strip().equals("{");
  }

  /** The first bytes of the text. */
  public byte[] beginning() {
    return beginning.clone();
  }

  /** Whether nothing follows the beginning. */
  public boolean isWhole() {
    return isWhole;
  }

  @Override
  public int read(byte[] buffer, int from, int length) throws IOException {
    if (at < beginning.length) {
      int count = Math.min(length, beginning.length - at);
      System.arraycopy(beginning, at, buffer, from, count);
      at += count;
      return count;
    }
    if (failure != null) {
      throw failure;
    }
    return isWhole ? -1 : in.read(buffer, from, length);
  }

  @Override
  public int available() throws IOException {
    return at < beginning.length ? beginning.length - at : in.available();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
