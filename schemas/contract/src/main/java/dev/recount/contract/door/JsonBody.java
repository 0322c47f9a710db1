package dev.recount.contract.door;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.recount.contract.Json;
import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import dev.recount.contract.record.JsonEvents;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Splits the body of a request into its records: an object, an array of them, or one a line. */
final class JsonBody {
  private JsonBody() {}

  /**
   * @throws RecountException EVENT_MALFORMED where there is no record, or an array that is not JSON
   */
  static List<byte[]> split(byte[] body) {
    int start = firstNotBlank(body);
    List<byte[]> records;
    if (start < body.length && body[start] == '[') {
      records = elements(body);
    } else {
      records = isOneValue(body) ? List.of(body) : lines(body);
    }
    if (records.isEmpty()) {
      throw malformed("the body holds none", null);
    }
    return records;
  }

  private static int firstNotBlank(byte[] body) {
    int start = 0;
    while (start < body.length && body[start] <= ' ' && body[start] >= 0) {
      start++;
    }
    return start;
  }

  private static List<byte[]> elements(byte[] body) {
    List<byte[]> records = new ArrayList<>();
    try (JsonParser parser = Json.MAPPER.createParser(body)) {
      parser.nextToken();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        long from = parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        parser.finishToken();
        long to = parser.currentLocation().getByteOffset();
        if (from < 0 || to < from) {
          throw malformed("the array is not in UTF-8", null);
        }
        records.add(Arrays.copyOfRange(body, (int) from, (int) to));
      }
      if (parser.nextToken() != null) {
        throw malformed("something follows the array", null);
      }
    } catch (IOException e) {
      throw malformed("the array is not JSON: " + JsonEvents.reason(e), e);
    }
    return records;
  }

  private static boolean isOneValue(byte[] body) {
    try (JsonParser parser = Json.MAPPER.createParser(body)) {
      if (parser.nextToken() == null) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (IOException e) {
      return false;
    }
  }

  private static List<byte[]> lines(byte[] body) {
    List<byte[]> records = new ArrayList<>();
    int from = 0;
    for (int at = 0; at <= body.length; at++) {
      if (at == body.length || body[at] == '\n') {
        byte[] line = Arrays.copyOfRange(body, from, at);
        if (firstNotBlank(line) < line.length) {
          records.add(line);
        }
        from = at + 1;
      }
    }
    return records;
  }

  private static RecountException malformed(String reason, Throwable cause) {
    return new RecountException(
        ErrorCode.EVENT_MALFORMED,
        "Cannot read the events: "
            + reason
            + "; send a JSON object, an array of objects, or one object a line",
        cause);
  }
}
