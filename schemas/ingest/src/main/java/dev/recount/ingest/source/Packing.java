package dev.recount.ingest.source;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** How a source may be packed; recognized by its first bytes, whatever its name. */
public enum Packing {
  GZIP("gzip") {
    @Override
    boolean begins(byte[] start) {
      return at(start, 0, 0x1f, 0x8b, 8);
    }

    @Override
    InputStream open(BufferedInputStream in) throws IOException {
      return new GzipMembers(in);
    }
  },
  BZIP2("bzip2") {
    @Override
    boolean begins(byte[] start) {
      return at(start, 0, 'B', 'Z', 'h')
          && (at(start, 4, 0x31, 0x41, 0x59, 0x26) || at(start, 4, 0x17, 0x72, 0x45, 0x38));
    }

    @Override
    InputStream open(BufferedInputStream in) throws IOException {
      return new BZip2CompressorInputStream(in, true);
    }
  },
  XZ("xz") {
    @Override
    boolean begins(byte[] start) {
      return at(start, 0, 0xfd, '7', 'z', 'X', 'Z', 0);
    }

    @Override
    InputStream open(BufferedInputStream in) throws IOException {
      return new XZCompressorInputStream(in, true, XZ_MEMORY_KIB);
    }
  },
  ZSTD("zstd") {
    @Override
    boolean begins(byte[] start) {
      // The second is a frame that is skipped, as some writers begin with one.
      return at(start, 0, 0x28, 0xb5, 0x2f, 0xfd)
          || start.length > 3 && (start[0] & 0xf0) == 0x50 && at(start, 1, 0x2a, 0x4d, 0x18);
    }

    @Override
    InputStream open(BufferedInputStream in) throws IOException {
      return new ZstdInputStream(in);
    }
  };

  /** What its largest level asks for is 65 MiB. */
  private static final int XZ_MEMORY_KIB = 128 * 1024;

  private final String label;

  Packing(String label) {
    this.label = label;
  }

  /** What people call it. */
  public String label() {
    return label;
  }

  abstract boolean begins(byte[] start);

  abstract InputStream open(BufferedInputStream in) throws IOException;

  /**
   * @param start the first bytes of a source
   */
  public static Optional<Packing> of(byte[] start) {
    return Arrays.stream(values()).filter(packing -> packing.begins(start)).findFirst();
  }

  /** The unpacked bytes; whatever goes wrong says that it is the packing. */
  public InputStream unpack(BufferedInputStream in) throws IOException {
    try {
      return new Unpacked(this, open(in));
    } catch (IOException | RuntimeException e) {
      throw damaged(e);
    }
  }

  private IOException damaged(Exception e) {
    String reason = e.getMessage() == null ? "it ends too early" : e.getMessage();
    return new IOException("its " + label + " data is cut off or damaged (" + reason + ")", e);
  }

  private static boolean at(byte[] start, int offset, int... expected) {
    if (start.length < offset + expected.length) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if ((start[offset + i] & 0xff) != expected[i]) {
        return false;
      }
    }
    return true;
  }

  /** Says of an error in what it reads that it is the packing. */
  private static final class Unpacked extends BlockInput {
    private final Packing packing;
    private final InputStream in;

    Unpacked(Packing packing, InputStream in) {
      this.packing = packing;
      this.in = in;
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
      try {
        return in.read(buffer, from, length);
      } catch (IOException | RuntimeException e) {
        throw packing.damaged(e);
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
