package dev.recount.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvolutionTest {
  private static final String TIME =
      """
      {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "d", "recount": "event-time"}""";

  /** An order whose field {@code x} is of the type, with whatever else stands behind it. */
  private static EventSchema with(String... fields) {
    String all = Arrays.stream(fields).map(f -> ", " + f).collect(Collectors.joining());
    return EventSchema.parse(
        "{\"type\": \"record\", \"name\": \"ordering\", \"namespace\": \"shop\", \"fields\": ["
            + TIME
            + all
            + "]}",
        "test");
  }

  private static String x(String typeAndDefault) {
    return "{\"name\": \"x\", \"doc\": \"d\", \"type\": " + typeAndDefault + "}";
  }

  private static List<String> problems(EventSchema changed, EventSchema... earlier) {
    return new Evolution(changed, List.of(earlier))
        .problems().stream().map(Evolution.Problem::text).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`\"int\"`    | `\"long\"`",
        "`\"int\"`    | `\"double\"`",
        "`\"int\"`    | `[\"null\", \"long\"]`",
        "`\"long\"`   | `\"double\"`",
        "`\"float\"`  | `\"double\"`",
        "`\"string\"` | `\"bytes\"`",
        "`\"string\"` | `[\"null\", \"string\"], \"default\": null`",
        "`\"string\"` | `{\"type\": \"string\", \"logicalType\": \"uuid\"}`",
        "`[\"null\", \"int\"]` | `[\"int\", \"null\"]`",
        "`{\"type\": \"enum\", \"name\": \"e\", \"symbols\": [\"A\"]}`"
            + " | `{\"type\": \"enum\", \"name\": \"e\", \"symbols\": [\"B\", \"A\"]}`",
        "`{\"type\": \"array\", \"items\": \"int\"}` | `{\"type\": \"array\", \"items\": \"long\"}`",
        "`{\"type\": \"record\", \"name\": \"r\", \"fields\": [{\"name\": \"a\", \"type\": \"int\"}]}`"
            + " | `{\"type\": \"record\", \"name\": \"r\", \"fields\": [{\"name\": \"b\", \"type\":"
            + " \"string\", \"default\": \"\"}, {\"name\": \"a\", \"type\": \"long\"}]}`"
      })
  void widened_isFine(String before, String now) {
    assertThat(problems(with(x(now)), with(x(before)))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`\"long\"` | `\"int\"` | `field 'x' was narrowed from long to int, but older events may hold values that do not fit; keep long`",
        "`\"bytes\"` | `\"string\"` | `field 'x' was narrowed from bytes to string, but older events may hold values that do not fit; keep bytes`",
        "`\"string\"` | `\"int\"` | `field 'x' was string and is int, which cannot be read from it; keep it as it was, and add a new field`",
        "`[\"null\", \"int\"]` | `\"int\"` | `field 'x' may no longer be null, but older events may hold null; keep \"null\" in its type`",
        "`{\"type\": \"enum\", \"name\": \"e\", \"symbols\": [\"A\", \"B\"]}` | `{\"type\": \"enum\", \"name\": \"e\", \"symbols\": [\"A\"], \"default\": \"A\"}`"
            + " | `field 'x' has no symbol B any more, but older events may hold it; keep the symbol, and let producers stop using it`",
        "`{\"type\": \"fixed\", \"name\": \"f\", \"size\": 4}` | `{\"type\": \"fixed\", \"name\": \"f\", \"size\": 8}` | `field 'x' had 4 bytes and has 8; keep it as it was, and add a new field`",
        "`{\"type\": \"fixed\", \"name\": \"f\", \"size\": 4}` | `{\"type\": \"fixed\", \"name\": \"g\", \"size\": 4}` | `field 'x' has a type named 'shop.g', which was 'shop.f': Avro cannot read one as the other; keep the type's name and namespace`",
        "`\"long\"` | `{\"type\": \"long\", \"logicalType\": \"timestamp-millis\"}` | `field 'x' was long and is timestamp-millis of long: a value would mean something else; keep it as it was, and add a new field`",
        "`{\"type\": \"long\", \"logicalType\": \"timestamp-millis\"}` | `{\"type\": \"long\", \"logicalType\": \"timestamp-micros\"}` | `field 'x' was timestamp-millis of long and is timestamp-micros of long: a value would mean something else; keep it as it was, and add a new field`",
        "`{\"type\": \"bytes\", \"logicalType\": \"decimal\", \"precision\": 8, \"scale\": 2}` | `{\"type\": \"bytes\", \"logicalType\": \"decimal\", \"precision\": 8, \"scale\": 3}`"
            + " | `field 'x' was decimal(8,2) of bytes and is decimal(8,3) of bytes: a value would mean something else; keep it as it was, and add a new field`",
        "`{\"type\": \"array\", \"items\": \"long\"}` | `{\"type\": \"array\", \"items\": \"int\"}` | `field 'x[]' was narrowed from long to int, but older events may hold values that do not fit; keep long`",
        "`{\"type\": \"map\", \"values\": \"string\"}` | `{\"type\": \"map\", \"values\": \"long\"}` | `field 'x{}' was string and is long, which cannot be read from it; keep it as it was, and add a new field`",
        "`{\"type\": \"array\", \"items\": {\"type\": \"record\", \"name\": \"r\", \"fields\": [{\"name\": \"a\", \"type\": \"int\"}]}}`"
            + " | `{\"type\": \"array\", \"items\": {\"type\": \"record\", \"name\": \"r\", \"fields\": [{\"name\": \"a\", \"type\": \"int\"}, {\"name\": \"b\", \"type\": \"string\"}]}}`"
            + " | `field 'x[].b' is new and has no default, but older events do not have it; give it one, such as \"type\": [\"null\", ...], \"default\": null`"
      })
  void changes_areRefused(String before, String now, String says) {
    assertThat(problems(with(x(now)), with(x(before)))).containsExactly(says);
  }

  @Test
  void newFieldWithoutDefault_isRefused_andARenameIsGuessed() {
    assertThat(problems(with(x("\"int\"")), with()))
        .containsExactly(
            "field 'x' is new and has no default, but older events do not have it; give it one,"
                + " such as \"type\": [\"null\", ...], \"default\": null");
    EventSchema before = with("{\"name\": \"price\", \"doc\": \"d\", \"type\": \"int\"}");
    assertThat(problems(with(x("\"long\"")), before).get(0))
        .endsWith(
            "if it is 'price' renamed, keep that name and rename in views with AS, or write"
                + " \"aliases\": [\"price\"]");
    assertThat(problems(with(x("\"long\", \"aliases\": [\"price\"]")), before)).isEmpty();
    assertThat(problems(with(x("\"int\", \"default\": 5")), before)).isEmpty();
  }

  @Test
  void defaultThatOlderEventsNeed_stays() {
    EventSchema first = with();
    EventSchema second = with(x("\"int\", \"default\": 5"));
    assertThat(problems(with(x("\"int\"")), first, second))
        .containsExactly(
            "field 'x' has lost its default, but older events do not have the field; put the"
                + " default back");
    assertThat(problems(with(x("\"int\", \"default\": 6")), first, second))
        .containsExactly(
            "field 'x' had the default 5 and has 6, but older events without the field"
                + " were counted with the first; put the default back; producers can send"
                + " another value instead");
    assertThat(problems(with(x("\"int\", \"default\": 6")), second)).isEmpty();
    assertThat(problems(with(x("\"int\"")), second)).isEmpty();
    assertThat(problems(with(x("\"long\", \"default\": 5")), first, second)).isEmpty();
  }

  @Test
  void aliasThatOlderEventsNeed_stays() {
    EventSchema first = with("{\"name\": \"price\", \"doc\": \"d\", \"type\": \"int\"}");
    EventSchema second = with(x("\"int\", \"aliases\": [\"price\"], \"default\": 0"));
    assertThat(problems(with(x("\"int\", \"default\": 0")), first, second))
        .containsExactly(
            "field 'x' has lost an alias that older events are read by; put the alias back");
    assertThat(problems(second, first, second)).isEmpty();
  }

  @Test
  void anAliasThatComesLater_wouldChangeWhatWasCounted() {
    EventSchema first = with("{\"name\": \"price\", \"doc\": \"d\", \"type\": \"int\"}");
    EventSchema second = with(x("\"int\", \"default\": 0"));
    EventSchema now = with(x("\"int\", \"aliases\": [\"price\"], \"default\": 0"));
    assertThat(problems(now, first, second))
        .containsExactly(
            "field 'x' has the alias 'price' now, but older events with that field were"
                + " counted with the default; leave the alias out");
    EventSchema back =
        with("{\"name\": \"price\", \"doc\": \"d\", \"type\": \"int\", \"aliases\": [\"x\"]}");
    assertThat(problems(back, first, now)).isEmpty();
  }

  @Test
  void anAliasOfAFieldThatWasBesideIt_isRefused() {
    String price = "{\"name\": \"price\", \"doc\": \"d\", \"type\": \"int\"}";
    EventSchema now = with(x("\"int\", \"aliases\": [\"price\"]"));
    assertThat(problems(now, with(x("\"int\""), price)))
        .containsExactly(
            "field 'x' is several fields of older events, by its name and aliases: x, price; leave"
                + " the alias out");
  }

  @Test
  void eventTime_staysWhereItWas() {
    String other = TIME.replace("\"at\"", "\"sent\"");
    String plain = TIME.replace(", \"recount\": \"event-time\"", "");
    EventSchema before = with(other.replace(", \"recount\": \"event-time\"", ""));
    EventSchema now =
        EventSchema.parse(
            "{\"type\": \"record\", \"name\": \"ordering\", \"fields\": ["
                + plain
                + ", "
                + other
                + "]}",
            "test");
    assertThat(problems(now, before))
        .containsExactly(
            "field 'sent' is marked as the event time, which was 'at'; leave the mark where it"
                + " was; a view may use any other time field as well");
  }

  @Test
  void keyFields_keepTheirOrder() {
    String a = "{\"name\": \"a\", \"doc\": \"d\", \"type\": \"int\", \"recount\": \"key\"}";
    String b = a.replace("\"a\"", "\"b\"");
    assertThat(problems(with(b, a), with(a, b)))
        .containsExactly(
            "field 'a, b' was the key in this order, but the key is [b, a] now:"
                + " records of a key would go to other partitions than before; leave the fields in"
                + " their order");
    assertThat(problems(with(a), with(a, b)))
        .singleElement()
        .asString()
        .contains("latest of a key");
  }

  @Test
  void removedField_isFine() {
    assertThat(problems(with(), with(x("\"int\"")))).isEmpty();
  }

  @Test
  void everyEarlierSchemaCounts_eachProblemOnce() {
    EventSchema withLong = with(x("\"long\""));
    assertThat(problems(with(x("\"int\"")), withLong, withLong, with(x("\"int\"")))).hasSize(1);
  }
}
