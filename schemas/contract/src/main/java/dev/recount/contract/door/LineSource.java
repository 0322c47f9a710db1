package dev.recount.contract.door;

import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;

/**
 * A file or standard input, unpacked where it is gzipped, and without its byte order mark.
 *
 * @param name as it was given; {@code -} is standard input
 * @param sizeBytes of the file; -1 where nobody knows
 * @param bytesRead how many of them have been read so far
 */
record LineSource(String name, long sizeBytes, AtomicLong bytesRead) {
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  static LineSource of(String name) {
    if (name.equals("-")) {
      return new LineSource(name, -1, new AtomicLong());
    }
    try {
      Path path = Path.of(name);
      if (Files.isDirectory(path)) {
        throw IngestCommand.unreadable(name, "it is a folder; name the files in it", null);
      }
      if (!Files.exists(path)) {
        throw IngestCommand.unreadable(name, "there is no such file", null);
      }
      if (!Files.isReadable(path)) {
        throw IngestCommand.unreadable(name, "this user may not read it", null);
      }
      return new LineSource(
          name, Files.isRegularFile(path) ? Files.size(path) : -1, new AtomicLong());
    } catch (IOException | InvalidPathException e) {
      throw IngestCommand.unreadable(name, e.getMessage(), e);
    }
  }

  /** Whether its beginning can be read before all of it is: not that of a pipe. */
  boolean isReadTwice() {
    return sizeBytes >= 0;
  }

  InputStream open() throws IOException {
    InputStream raw = name.equals("-") ? System.in : new FileInputStream(name);
    try {
      BufferedInputStream counted =
          new BufferedInputStream(new Counted(raw, bytesRead), BUFFER_BYTES);
      counted.mark(2);
      boolean isGzip = counted.read() == 0x1f && counted.read() == 0x8b;
      counted.reset();
      return withoutByteOrderMark(
          isGzip
              ? new BufferedInputStream(
                  new GZIPInputStream(new Waiting(counted), BUFFER_BYTES), BUFFER_BYTES)
              : counted);
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  private static InputStream withoutByteOrderMark(BufferedInputStream in) throws IOException {
    in.mark(BYTE_ORDER_MARK.length);
    if (!Arrays.equals(in.readNBytes(BYTE_ORDER_MARK.length), BYTE_ORDER_MARK)) {
      in.reset();
    }
    return in;
  }

  /** What may come later counts as there, or the unpacking ends before the next gzip of several. */
  private static final class Waiting extends FilterInputStream {
    Waiting(InputStream in) {
      super(in);
    }

    @Override
    public int available() throws IOException {
      return Math.max(1, super.available());
    }
  }

  private static final class Counted extends FilterInputStream {
    private final AtomicLong bytesRead;

    Counted(InputStream in, AtomicLong bytesRead) {
      super(in);
      this.bytesRead = bytesRead;
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      if (read >= 0) {
        bytesRead.incrementAndGet();
      }
      return read;
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
      int read = super.read(buffer, from, length);
      bytesRead.addAndGet(Math.max(0, read));
      return read;
    }
  }
}
