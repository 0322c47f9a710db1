package dev.recount.ingest.door;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.ingest.source.Binary;
import dev.recount.ingest.source.JsonSplitter;
import dev.recount.ingest.source.Packing;
import dev.recount.ingest.source.Recognition;
import dev.recount.ingest.source.RecordEnds;
import dev.recount.ingest.source.TextEncoding;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Splits the body of a request into its records: objects, one a line or not, or an array of them. A
 * body that is something else is refused as a whole, before anything of it is sent.
 */
final class JsonBody {
  /** Of one body; more are sent in pieces. */
  static final int MOST_RECORDS = 500_000;

  /** Of one body, unpacked. */
  static final int MOST_BYTES = 64 * 1024 * 1024;

  private final byte[] body;
  private final List<byte[]> records = new ArrayList<>();

  private JsonBody(byte[] body) {
    this.body = body;
  }

  /**
   * @throws RecountException EVENT_MALFORMED if there is no record, or the body is not JSON
   *     objects; EVENT_TOO_LARGE if it is more than may come at once
   */
  static List<byte[]> split(byte[] body) {
    return new JsonBody(text(body)).split();
  }

  /** Unpacks a body that is gzipped, and writes one in UTF-16 as UTF-8. */
  private static byte[] text(byte[] body) {
    Optional<Packing> packing = Packing.of(Arrays.copyOf(body, Math.min(body.length, 16)));
    if (packing.isPresent() && packing.get() != Packing.GZIP) {
      throw malformed("the body is compressed with " + packing.get().label(), null);
    }
    try (BufferedInputStream packed = new BufferedInputStream(new ByteArrayInputStream(body))) {
      BufferedInputStream in =
          packing.isPresent() ? new BufferedInputStream(Packing.GZIP.unpack(packed)) : packed;
      in.mark(Binary.START_BYTES);
      byte[] start = in.readNBytes(Binary.START_BYTES);
      in.reset();
      Optional<String> binary = Binary.of(start);
      if (binary.isPresent()) {
        throw malformed(binary.get(), null);
      }
      byte[] text = TextEncoding.utf8(in, start).readNBytes(MOST_BYTES + 1);
      if (text.length > MOST_BYTES) {
        throw tooLarge("it has more than %s bytes uncompressed", MOST_BYTES);
      }
      return text;
    } catch (IOException e) {
      throw malformed(e.getMessage(), e);
    }
  }

  private List<byte[]> split() {
    Recognition.arrayProblem(body)
        .ifPresent(
            problem -> {
              throw malformed(problem, null);
            });
    switch (Recognition.json(body, true)) {
      case VALUES -> values();
      case LINES -> lines();
      default -> throw malformed("no line of it is a JSON object", null);
    }
    if (records.isEmpty()) {
      throw malformed("the body holds none", null);
    }
    return records;
  }

  private void values() {
    JsonSplitter splitter = new JsonSplitter();
    JsonSplitter.Found found = splitter.next(body, body.length);
    while (found == JsonSplitter.Found.VALUE) {
      if (body[splitter.from()] != '{') {
        throw malformed("its value " + (records.size() + 1) + " is not an object", null);
      }
      add(splitter.from(), splitter.to());
      splitter.take();
      found = splitter.next(body, body.length);
    }
    if (found == JsonSplitter.Found.BROKEN) {
      throw malformed("after " + records.size() + " objects, " + splitter.problem(), null);
    }
    if (splitter.isInValue() || splitter.isInArray()) {
      throw malformed("it ends before its JSON does", null);
    }
  }

  private void lines() {
    int from = 0;
    while (from < body.length) {
      int begin = RecordEnds.begin(body, from, body.length);
      int end = RecordEnds.lineFeed(body, begin, body.length);
      if (!isBlank(begin, end)) {
        add(begin, end);
      }
      from = end + 1;
    }
  }

  private boolean isBlank(int from, int to) {
    int at = from;
    while (at < to && body[at] <= ' ' && body[at] >= 0) {
      at++;
    }
    return at == to;
  }

  private void add(int from, int to) {
    if (records.size() == MOST_RECORDS) {
      throw tooLarge("it holds more than %s records", MOST_RECORDS);
    }
    records.add(Arrays.copyOfRange(body, from, to));
  }

  private static RecountException malformed(String reason, Throwable cause) {
    return RecountException.of(
        ErrorCode.EVENT_MALFORMED,
        cause,
        "Cannot read the events: %s; send JSON objects, one a line or in an array, "
            + "plain or gzipped",
        reason);
  }

  private static RecountException tooLarge(String reason, Object... arguments) {
    return RecountException.of(
        ErrorCode.EVENT_TOO_LARGE,
        "Cannot read the events: " + reason + "; send them in pieces",
        arguments);
  }
}
