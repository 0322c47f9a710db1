package dev.recount.ingest.source;

import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A file or standard input.
 *
 * @param name as it was given; {@code -} is standard input
 * @param sizeBytes of the file; -1 if unknown
 * @param bytesRead how many of them have been read so far
 * @param standing which of its records are in
 */
public record LineSource(String name, long sizeBytes, AtomicLong bytesRead, Standing standing) {
  private static final int BUFFER_BYTES = 64 * 1024;

  /** A file that was packed twice is met now and then. */
  private static final int MOST_PACKINGS = 3;

  public static LineSource of(String name) {
    if (name.equals("-")) {
      return new LineSource(name, -1, new AtomicLong(), new Standing(1));
    }
    try {
      Path path = Path.of(name);
      if (Files.isDirectory(path)) {
        throw Unreadable.because(name, "it is a folder; name the files in it", null);
      }
      if (!Files.exists(path)) {
        throw Unreadable.because(name, "there is no such file", null);
      }
      if (!Files.isReadable(path)) {
        throw Unreadable.because(name, "this user may not read it", null);
      }
      return new LineSource(
          name,
          Files.isRegularFile(path) ? Files.size(path) : -1,
          new AtomicLong(),
          new Standing(1));
    } catch (IOException | InvalidPathException e) {
      throw Unreadable.because(name, e.getMessage(), e);
    }
  }

  /** The same source, of which the records before a number are skipped. */
  public LineSource from(long number) {
    return new LineSource(name, sizeBytes, bytesRead, new Standing(number));
  }

  /** Whether its beginning can be read before all of it is: not that of a pipe. */
  public boolean isReadTwice() {
    return sizeBytes >= 0;
  }

  /**
   * Its first bytes as they are there.
   *
   * @return none of what can be read only once
   */
  byte[] firstBytes() {
    if (!isReadTwice()) {
      return new byte[0];
    }
    try (InputStream in = new FileInputStream(name)) {
      return in.readNBytes(Binary.START_BYTES);
    } catch (IOException e) {
      throw Unreadable.because(name, e.getMessage(), e);
    }
  }

  /**
   * Opens its text.
   *
   * @throws dev.recount.error.RecountException FILE_NOT_READABLE naming what it is, if it is not
   *     text
   */
  public OpenSource open() throws IOException {
    InputStream raw = name.equals("-") ? System.in : new FileInputStream(name);
    BufferedInputStream in = new BufferedInputStream(new Counted(raw, bytesRead), BUFFER_BYTES);
    try {
      byte[] start = start(in);
      if (ZipFiles.isZip(start)) {
        in.close();
        in = new BufferedInputStream(ZipFiles.open(name, isReadTwice()), BUFFER_BYTES);
        start = start(in);
      }
      Optional<Packing> packing = Packing.of(start);
      for (int i = 0; packing.isPresent() && i < MOST_PACKINGS; i++) {
        in = new BufferedInputStream(packing.get().unpack(in), BUFFER_BYTES);
        start = start(in);
        packing = Packing.of(start);
      }
      Optional<String> binary = Binary.of(start);
      if (binary.isPresent()) {
        throw Unreadable.because(name, binary.get(), null);
      }
      return OpenSource.of(TextEncoding.utf8(in, start), isReadTwice());
    } catch (IOException e) {
      in.close();
      throw Unreadable.because(name, e.getMessage(), e);
    } catch (RuntimeException e) {
      in.close();
      throw e;
    }
  }

  /** As many of the first bytes as tell what it is; of a pipe, what is there. */
  private static byte[] start(BufferedInputStream in) throws IOException {
    in.mark(Binary.START_BYTES);
    byte[] buffer = new byte[Binary.START_BYTES];
    int length = 0;
    int read = 0;
    while (read >= 0 && length < 16 && Lines.lineFeeds(buffer, 0, length) == 0) {
      read = in.read(buffer, length, buffer.length - length);
      length += Math.max(0, read);
    }
    in.reset();
    return Arrays.copyOf(buffer, length);
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
