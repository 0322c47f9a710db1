package dev.recount.infra.demo;

import com.clearspring.analytics.hash.MurmurHash;
import com.clearspring.analytics.stream.cardinality.HyperLogLog;
import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** The measures of the test's views, computed from a group's events by plain Java. */
final class PlainMeasures {
  private static final double ROUNDING = 1e-9;

  /** Recount's hash of a text for its HyperLogLogs has this bit set. */
  private static final long HLL_BIT = 1L << 21;

  private static final int HLL_LOG2_REGISTERS = 12;

  /** A number that depends on the order of additions, or an estimate. */
  record Near(double value, double tolerance) {}

  /** Any of these texts; one may be null. */
  record OneOf(Set<String> texts) {}

  private PlainMeasures() {}

  /** What to ask, and what the answer is for a group of events: null, Near, or the value itself. */
  static Map<String, Function<List<JsonNode>, Object>> all() {
    Map<String, Function<List<JsonNode>, Object>> all = new LinkedHashMap<>();
    all.put("MEASURE(n)", List::size);
    all.put("MEASURE(levels)", e -> longs(e, "level").count());
    all.put("MEASURE(high)", PlainMeasures::high);
    all.put("MEASURE(amount)", e -> longs(e, "amount").reduce(Long::sum).orElse(null));
    all.put("MEASURE(price)", e -> sum(e, "price"));
    all.put("MEASURE(upper_levels)", e -> longs(upper(e), "level").reduce(Long::sum).orElse(null));
    all.put("MEASURE(cents)", e -> cents(e).reduce(Long::sum).orElse(null));
    all.put("MEASURE(least_level)", e -> longs(e, "level").min(Long::compare).orElse(null));
    all.put("MEASURE(most_amount)", e -> longs(e, "amount").max(Long::compare).orElse(null));
    all.put("MEASURE(least_price)", e -> exactly(doubles(e, "price").min().orElse(Double.NaN)));
    all.put("MEASURE(most_weight)", e -> exactly(floats(e).max().orElse(Double.NaN)));
    all.put("MEASURE(first_day)", e -> days(e).findFirst().orElse(null));
    all.put("MEASURE(last_seen)", e -> seen(e).max(Comparator.naturalOrder()).orElse(null));
    all.put("MEASURE(top_floor)", e -> floors(e).max(Long::compare).orElse(null));
    all.put(
        "MEASURE(any_high)",
        e -> longs(e, "level").map(l -> l > 8).reduce((a, b) -> a || b).orElse(null));
    all.put(
        "MEASURE(all_low)",
        e -> longs(e, "level").map(l -> l < 9).reduce((a, b) -> a && b).orElse(null));
    all.put("MEASURE(mean_level)", e -> mean(e, "level"));
    all.put("MEASURE(mean_price)", e -> mean(e, "price"));
    all.put("MEASURE(high_share)", PlainMeasures::highShare);
    all.put("MEASURE(mixed)", e -> longs(e, "level").reduce(0L, Long::sum) + e.size());
    all.put("MEASURE(price_spread)", e -> deviation(e));
    all.put("MEASURE(level_spread)", e -> variance(e, "level", 0));
    all.put("MEASURE(least_visitor)", e -> texts(e, "visitor").min(String::compareTo).orElse(null));
    all.put(
        "MEASURE(most_visitor)",
        e -> texts(ofHigh(e), "visitor").max(String::compareTo).orElse(null));
    all.put("MEASURE(last_visitor)", e -> at("visitor", last(e)));
    all.put("MEASURE(first_amount)", e -> at("amount", firstSeen(e)));
    all.put("MEASURE(price_of_highest)", e -> at("price", highest(e)));
    all.put("MEASURE(first_outside)", e -> at("outside", ofFirstDay(e)));
    all.put("MEASURE(visitors)", e -> texts(e, "visitor").distinct().count());
    all.put("MEASURE(about_visitors)", PlainMeasures::hyperLogLog);
    all.put("MEASURE(level_digest, 0)", e -> quantile(e, 0));
    all.put("MEASURE(level_digest, 50)", e -> quantile(e, 0.5));
    all.put("MEASURE(level_digest, 100)", e -> quantile(e, 1));
    return all;
  }

  /** The same of the view {@code random_events_once}. */
  static Map<String, Function<List<JsonNode>, Object>> once() {
    Map<String, Function<List<JsonNode>, Object>> once = new LinkedHashMap<>();
    once.put("MEASURE(n)", List::size);
    once.put("MEASURE(total_level)", e -> longs(e, "level").reduce(Long::sum).orElse(null));
    once.put("MEASURE(visitors)", e -> texts(e, "visitor").distinct().count());
    once.put("MEASURE(last_visitor)", e -> at("visitor", last(e)));
    return once;
  }

  private static Stream<JsonNode> values(List<JsonNode> events, String field) {
    return events.stream().map(e -> e.get(field)).filter(Objects::nonNull);
  }

  private static Stream<Long> longs(List<JsonNode> events, String field) {
    return values(events, field).map(JsonNode::longValue);
  }

  private static DoubleStream doubles(List<JsonNode> events, String field) {
    return values(events, field).mapToDouble(JsonNode::doubleValue);
  }

  private static Stream<String> texts(List<JsonNode> events, String field) {
    return values(events, field).map(JsonNode::textValue);
  }

  private static DoubleStream floats(List<JsonNode> events) {
    return doubles(events, "weight").map(weight -> (float) weight);
  }

  private static Stream<Long> floors(List<JsonNode> events) {
    return events.stream().map(e -> e.at("/place/floor").longValue());
  }

  private static List<JsonNode> upper(List<JsonNode> events) {
    return events.stream().filter(e -> e.at("/place/floor").intValue() > 0).toList();
  }

  private static Stream<Long> cents(List<JsonNode> events) {
    return values(events, "cost")
        .map(cost -> new BigDecimal(cost.asText()).movePointRight(2).longValueExact());
  }

  private static Stream<String> days(List<JsonNode> events) {
    return texts(events, "day").map(LocalDate::parse).sorted().map(LocalDate::toString);
  }

  private static Stream<Instant> seen(List<JsonNode> events) {
    return texts(events, "seen").map(Instant::parse).map(t -> t.truncatedTo(ChronoUnit.MILLIS));
  }

  private static long high(List<JsonNode> events) {
    return ofHigh(events).size();
  }

  private static List<JsonNode> ofHigh(List<JsonNode> events) {
    return events.stream().filter(e -> e.path("level").asInt() > 5).toList();
  }

  /** The events of the latest time. */
  private static List<JsonNode> last(List<JsonNode> events) {
    Instant last = events.stream().map(ReadModel::time).max(Instant::compareTo).orElseThrow();
    return events.stream().filter(e -> ReadModel.time(e).equals(last)).toList();
  }

  private static List<JsonNode> firstSeen(List<JsonNode> events) {
    Optional<Instant> first = texts(events, "seen").map(Instant::parse).min(Instant::compareTo);
    return having(
        events, "seen", time -> first.equals(Optional.of(Instant.parse(time.textValue()))));
  }

  private static List<JsonNode> ofFirstDay(List<JsonNode> events) {
    Object first = days(events).findFirst().orElse(null);
    return having(events, "day", day -> day.textValue().equals(first));
  }

  private static List<JsonNode> highest(List<JsonNode> events) {
    Optional<Long> highest = longs(events, "level").max(Long::compare);
    return having(events, "level", level -> highest.equals(Optional.of(level.longValue())));
  }

  private static List<JsonNode> having(
      List<JsonNode> events, String field, Predicate<JsonNode> condition) {
    return events.stream().filter(e -> e.has(field) && condition.test(e.get(field))).toList();
  }

  /** What the events say, of which any may be the answer; null if there is none. */
  private static Object at(String field, List<JsonNode> of) {
    Set<String> texts =
        of.stream().map(e -> e.path(field).asText(null)).collect(Collectors.toSet());
    return of.isEmpty() ? null : new OneOf(texts);
  }

  private static Object highShare(List<JsonNode> events) {
    long levels = longs(events, "level").count();
    return levels == 0 ? null : exactly((double) high(events) / levels);
  }

  /** Null for NaN, which stands for no value. */
  private static Object exactly(double value) {
    return Double.isNaN(value) ? null : new Near(value, 0);
  }

  private static Object sum(List<JsonNode> events, String field) {
    if (values(events, field).findAny().isEmpty()) {
      return null;
    }
    double magnitude = doubles(events, field).map(Math::abs).sum();
    return new Near(doubles(events, field).sum(), magnitude * ROUNDING);
  }

  private static Object mean(List<JsonNode> events, String field) {
    return sum(events, field) instanceof Near sum
        ? new Near(
            sum.value() / values(events, field).count(),
            sum.tolerance() / values(events, field).count())
        : null;
  }

  /** By the deviations from the mean, which the view never sees. */
  private static Object variance(List<JsonNode> events, String field, int less) {
    long count = values(events, field).count();
    if (count <= less) {
      return null;
    }
    double mean = doubles(events, field).average().orElseThrow();
    double squares = doubles(events, field).map(x -> x * x).sum();
    double deviations = doubles(events, field).map(x -> (x - mean) * (x - mean)).sum();
    return new Near(deviations / (count - less), squares * ROUNDING);
  }

  private static Object deviation(List<JsonNode> events) {
    return variance(events, "price", 1) instanceof Near variance
        ? new Near(Math.sqrt(variance.value()), Math.sqrt(variance.tolerance()))
        : null;
  }

  /** That of one sketch of all. */
  private static Object hyperLogLog(List<JsonNode> events) {
    HyperLogLog sketch = new HyperLogLog(HLL_LOG2_REGISTERS);
    texts(events, "visitor")
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .forEach(text -> sketch.offerHashed(MurmurHash.hash64(text, text.length) | HLL_BIT));
    return sketch.cardinality();
  }

  /** A t-digest is between the values whose ranks are 2 % below and above. */
  private static Object quantile(List<JsonNode> events, double quantile) {
    long[] sorted = longs(events, "level").mapToLong(Long::longValue).sorted().toArray();
    if (sorted.length == 0) {
      return null;
    }
    double last = sorted.length - 1;
    double slack = quantile % 1 == 0 ? 0 : 1 + 0.02 * last;
    long low = sorted[(int) Math.floor(Math.max(0, quantile * last - slack))];
    long high = sorted[(int) Math.ceil(Math.min(last, quantile * last + slack))];
    return new Near((low + high) / 2.0, (high - low) / 2.0);
  }
}
