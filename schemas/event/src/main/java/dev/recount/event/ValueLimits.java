package dev.recount.event;

import dev.recount.text.Utf8Text;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.util.Utf8;

/**
 * The values that Avro can carry and a column cannot: decimals of more digits than their type has,
 * days and times outside of the years 0001 to 9999, and texts that are not Unicode. Such a record
 * is rejected, in both layers alike, so that it neither stops one nor is counted in one only.
 * Thread-safe.
 */
public final class ValueLimits {
  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999Z");
  private static final long MICROS = 1_000_000L;

  /** Throws where the value has no column; never asked about null. */
  private interface Limit {
    void check(Object value) throws Violation;
  }

  /** Carries no stack trace; its path grows from the inside out. */
  private static final class Violation extends Exception {
    private static final long serialVersionUID = 1L;
    private final String path;

    Violation(String path, String reason) {
      super(reason, null, false, false);
      this.path = path;
    }

    Violation inside(String parent) {
      String separator = path.isEmpty() || path.startsWith("[") ? "" : ".";
      return new Violation(parent + separator + path, getMessage());
    }
  }

  private record Part(int position, String name, Limit limit) {}

  private final Limit limit;

  private ValueLimits(Limit limit) {
    this.limit = limit;
  }

  public static ValueLimits of(Schema schema) {
    return new ValueLimits(limit(schema, new ArrayList<>()));
  }

  /** What is wrong with a record that fits the schema: {@code field 'a.b' is ...}. */
  public Optional<String> violation(IndexedRecord event) {
    if (limit == null) {
      return Optional.empty();
    }
    try {
      limit.check(event);
      return Optional.empty();
    } catch (Violation e) {
      return Optional.of("field '" + e.path + "' " + e.getMessage());
    }
  }

  /** Null if every value is fine. */
  private static Limit limit(Schema schema, List<Schema> outer) {
    return switch (schema.getType()) {
      case RECORD -> record(schema, outer);
      case ARRAY -> array(limit(schema.getElementType(), outer));
      case MAP -> map(limit(schema.getValueType(), outer));
      case UNION -> union(schema, outer);
      case STRING -> ValueLimits::checkText;
      default -> plain(schema.getLogicalType());
    };
  }

  private static Limit record(Schema schema, List<Schema> outer) {
    if (outer.stream().anyMatch(s -> s == schema)) {
      return null;
    }
    List<Schema> inner = new ArrayList<>(outer);
    inner.add(schema);
    List<Part> parts = new ArrayList<>();
    for (Schema.Field field : schema.getFields()) {
      Limit found = limit(field.schema(), inner);
      if (found != null) {
        parts.add(new Part(field.pos(), field.name(), found));
      }
    }
    return parts.isEmpty() ? null : value -> checkParts((IndexedRecord) value, parts);
  }

  private static void checkParts(IndexedRecord event, List<Part> parts) throws Violation {
    for (Part part : parts) {
      Object value = event.get(part.position());
      if (value != null) {
        try {
          part.limit().check(value);
        } catch (Violation e) {
          throw e.inside(part.name());
        }
      }
    }
  }

  private static Limit array(Limit element) {
    return element == null ? null : value -> checkElements((Collection<?>) value, element);
  }

  private static void checkElements(Collection<?> values, Limit element) throws Violation {
    int index = 0;
    for (Object value : values) {
      if (value != null) {
        try {
          element.check(value);
        } catch (Violation e) {
          throw e.inside("[" + index + "]");
        }
      }
      index++;
    }
  }

  private static Limit map(Limit item) {
    return value -> {
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
        checkText(entry.getKey(), "has a key that is");
        if (item != null && entry.getValue() != null) {
          try {
            item.check(entry.getValue());
          } catch (Violation e) {
            throw e.inside(entry.getKey().toString());
          }
        }
      }
    };
  }

  /** A union of several types has no column; only its texts are looked at here. */
  private static Limit union(Schema schema, List<Schema> outer) {
    List<Schema> members =
        schema.getTypes().stream().filter(t -> t.getType() != Schema.Type.NULL).toList();
    return members.size() == 1
        ? limit(members.get(0), outer)
        : value -> {
          if (value instanceof CharSequence) {
            checkText(value);
          }
        };
  }

  private static void checkText(Object value) throws Violation {
    checkText(value, "is");
  }

  private static void checkText(Object value, String verb) throws Violation {
    if (value instanceof Utf8 utf8) {
      if (!Utf8Text.isUtf8(utf8.getBytes(), utf8.getByteLength())) {
        throw new Violation("", verb + " a text that is not UTF-8");
      }
    } else {
      String text = value.toString();
      int at = Utf8Text.firstLoneSurrogate(text);
      if (at >= 0 && Utf8Text.isEscapedByte(text.charAt(at))) {
        throw new Violation("", verb + " a text that is not UTF-8");
      }
      if (at >= 0) {
        throw new Violation(
            "",
            String.format(
                "%s a text with half of a surrogate pair, \\u%04x, which is not a character and"
                    + " not UTF-8",
                verb, (int) text.charAt(at)));
      }
    }
  }

  private static Limit plain(LogicalType type) {
    if (type instanceof LogicalTypes.TimestampMillis
        || type instanceof LogicalTypes.LocalTimestampMillis) {
      return between(FIRST.toEpochMilli(), LAST.toEpochMilli(), "milliseconds");
    }
    if (type instanceof LogicalTypes.TimestampMicros
        || type instanceof LogicalTypes.LocalTimestampMicros) {
      return between(
          FIRST.getEpochSecond() * MICROS,
          LAST.getEpochSecond() * MICROS + LAST.getNano() / 1_000,
          "microseconds");
    }
    if (type instanceof LogicalTypes.Date) {
      return between(
          LocalDate.of(1, 1, 1).toEpochDay(), LocalDate.of(9999, 12, 31).toEpochDay(), "days");
    }
    return type instanceof LogicalTypes.Decimal decimal ? value -> digits(value, decimal) : null;
  }

  private static Limit between(long least, long most, String unit) {
    return value -> {
      long number = ((Number) value).longValue();
      if (number < least || number > most) {
        throw new Violation(
            "", "is " + number + " " + unit + " since 1970, outside of the years 0001 to 9999");
      }
    };
  }

  private static void digits(Object value, LogicalTypes.Decimal type) throws Violation {
    byte[] bytes = bytes(value);
    if (bytes.length == 0) {
      throw new Violation("", "is a decimal without bytes");
    }
    BigInteger unscaled = new BigInteger(bytes);
    // 10 has 3.3 bits a digit: a number of so few bits needs no exact count.
    if (unscaled.bitLength() > 3L * type.getPrecision()
        && new BigDecimal(unscaled).precision() > type.getPrecision()) {
      throw new Violation(
          "",
          "is a decimal of %s digits, its type has %s"
              .formatted(new BigDecimal(unscaled).precision(), type.getPrecision()));
    }
  }

  private static byte[] bytes(Object value) {
    if (value instanceof GenericFixed fixed) {
      return fixed.bytes();
    }
    ByteBuffer buffer = ((ByteBuffer) value).duplicate();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
