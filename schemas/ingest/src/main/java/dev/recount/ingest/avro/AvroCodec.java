package dev.recount.ingest.avro;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.snappy.SnappyCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.apache.commons.compress.compressors.zstandard.ZstdCompressorInputStream;

/** How the blocks of an Avro file are packed; unpacks no more than a block may have. */
enum AvroCodec {
  NULL {
    @Override
    InputStream open(byte[] packed) {
      return new ByteArrayInputStream(packed);
    }
  },
  DEFLATE {
    @Override
    InputStream open(byte[] packed) {
      return new InflaterInputStream(new ByteArrayInputStream(packed), new Inflater(true)) {
        @Override
        public void close() throws IOException {
          super.close();
          inf.end();
        }
      };
    }
  },
  BZIP2 {
    @Override
    InputStream open(byte[] packed) throws IOException {
      return new BZip2CompressorInputStream(new ByteArrayInputStream(packed));
    }
  },
  XZ {
    @Override
    InputStream open(byte[] packed) throws IOException {
      return new XZCompressorInputStream(new ByteArrayInputStream(packed), false, MOST_XZ_KIB);
    }
  },
  ZSTANDARD {
    @Override
    InputStream open(byte[] packed) throws IOException {
      return new ZstdCompressorInputStream(new ByteArrayInputStream(packed));
    }
  },
  SNAPPY {
    @Override
    InputStream open(byte[] packed) throws IOException {
      if (packed.length < CHECKSUM_BYTES) {
        throw new IOException("it is too short");
      }
      return new SnappyCompressorInputStream(
          new ByteArrayInputStream(packed, 0, packed.length - CHECKSUM_BYTES));
    }

    @Override
    byte[] unpack(byte[] packed) throws IOException {
      byte[] unpacked = super.unpack(packed);
      CRC32 checksum = new CRC32();
      checksum.update(unpacked);
      int expected = ByteBuffer.wrap(packed).getInt(packed.length - CHECKSUM_BYTES);
      if ((int) checksum.getValue() != expected) {
        throw new IOException("its checksum does not match its bytes");
      }
      return unpacked;
    }
  };

  /** A thousand times what writers make. */
  static final int MOST_BYTES = 64 * 1024 * 1024;

  private static final int CHECKSUM_BYTES = 4;
  private static final int MOST_XZ_KIB = 128 * 1024;

  static AvroCodec of(String name) throws IOException {
    return Arrays.stream(values())
        .filter(codec -> codec.codec().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IOException(
                    "it is compressed with '%s', which Recount cannot read; it reads %s"
                        .formatted(name, Arrays.stream(values()).map(AvroCodec::codec).toList())));
  }

  private String codec() {
    return name().toLowerCase(Locale.ROOT);
  }

  abstract InputStream open(byte[] packed) throws IOException;

  byte[] unpack(byte[] packed) throws IOException {
    try (InputStream in = open(packed)) {
      byte[] unpacked = in.readNBytes(MOST_BYTES + 1);
      if (unpacked.length > MOST_BYTES) {
        throw new IOException("it unpacks to more than the " + MOST_BYTES + " bytes allowed");
      }
      return unpacked;
    }
  }

  /** Why a block cannot be unpacked; libraries do not always say it in words. */
  static String reason(Exception e) {
    String message = e.getMessage();
    return message != null && message.startsWith("it")
        ? message
        : "it cannot be unpacked" + (message == null ? "" : ": " + message);
  }
}
