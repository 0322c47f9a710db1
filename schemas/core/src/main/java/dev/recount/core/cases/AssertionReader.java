package dev.recount.core.cases;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.nodes.Node;

/** Reads one assertion: the entry that says what is checked, and how it is meant. */
final class AssertionReader {
  private static final String BLOCK = "block";
  private static final String NAME = "name";
  private static final List<String> KINDS =
      List.of("not_null", "unique", "accepted_values", "row_count", "no_rows");
  private static final Pattern QUERY =
      Pattern.compile("(SELECT|WITH)\\b", Pattern.CASE_INSENSITIVE);
  private static final List<String> LIMITS = List.of("min", "max");

  private final CaseSource source;
  private final YamlReader yaml;

  AssertionReader(CaseSource source, YamlReader yaml) {
    this.source = source;
    this.yaml = yaml;
  }

  Assertion read(Node node) {
    Map<String, Node> entries = yaml.map(node, "an assertion");
    List<String> known = new ArrayList<>(KINDS);
    known.addAll(List.of(NAME, BLOCK));
    yaml.requireKnown(entries, known, "an assertion");
    List<String> kinds = entries.keySet().stream().filter(KINDS::contains).toList();
    if (kinds.size() != 1) {
      throw source.wrong(
          YamlReader.line(node),
          "an assertion has one of %s, this one has %s",
          String.join(", ", KINDS),
          kinds.isEmpty() ? "none" : String.join(", ", kinds));
    }
    String kind = kinds.get(0);
    Assertion.Check check = check(kind, entries.get(kind));
    String name =
        entries.containsKey(NAME)
            ? yaml.text(entries, NAME, node, "an assertion").text().strip()
            : name(kind, check);
    return new Assertion(name, check, blocks(entries.get(BLOCK)), YamlReader.line(node));
  }

  private Assertion.Check check(String kind, Node node) {
    return switch (kind) {
      case "not_null" -> new Assertion.NotNull(columns(node, kind));
      case "unique" -> new Assertion.Unique(columns(node, kind));
      case "accepted_values" -> acceptedValues(node);
      case "row_count" -> rowCount(node);
      default -> noRows(node, kind);
    };
  }

  private Assertion.Check noRows(Node node, String kind) {
    String sql = yaml.text(Map.of(kind, node), kind, node, "an assertion").text().strip();
    if (!QUERY.matcher(sql).lookingAt()) {
      throw source.wrong(YamlReader.line(node), "'%s' takes a query: SELECT ... FROM <view>", kind);
    }
    return new Assertion.NoRows(sql);
  }

  /** One name, or a list of them. */
  private List<String> columns(Node node, String kind) {
    JsonNode value = yaml.json(node);
    List<String> columns = new ArrayList<>();
    (value.isTextual() ? List.of(value) : value).forEach(name -> columns.add(name.asText()));
    if (columns.isEmpty() || !value.isTextual() && !value.isArray()) {
      throw source.wrong(YamlReader.line(node), "'%s' takes columns, such as [hour]", kind);
    }
    return columns;
  }

  private Assertion.Check acceptedValues(Node node) {
    Map<String, Node> entries = yaml.map(node, "'accepted_values'");
    if (entries.size() != 1) {
      throw source.wrong(
          YamlReader.line(node), "'accepted_values' takes one column and a list: {status: [200]}");
    }
    Map.Entry<String, Node> only = entries.entrySet().iterator().next();
    List<JsonNode> values =
        yaml.list(only.getValue(), "'accepted_values'").stream().map(yaml::json).toList();
    return new Assertion.AcceptedValues(only.getKey(), values);
  }

  private Assertion.Check rowCount(Node node) {
    Map<String, Node> entries = yaml.map(node, "'row_count'");
    yaml.requireKnown(entries, LIMITS, "'row_count'");
    Long min = limit(entries.get("min"));
    Long max = limit(entries.get("max"));
    if (min == null && max == null || min != null && max != null && min > max) {
      throw source.wrong(
          YamlReader.line(node), "'row_count' takes a min, a max or both: {min: 1, max: 1000}");
    }
    return new Assertion.RowCount(min, max);
  }

  private Long limit(Node node) {
    if (node == null) {
      return null;
    }
    JsonNode value = yaml.json(node);
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
      throw source.wrong(YamlReader.line(node), "a limit of 'row_count' is a whole number");
    }
    return value.longValue();
  }

  private boolean blocks(Node node) {
    if (node == null) {
      return false;
    }
    JsonNode value = yaml.json(node);
    if (!value.isBoolean()) {
      throw source.wrong(YamlReader.line(node), "'block' is true or false");
    }
    return value.booleanValue();
  }

  private static String name(String kind, Assertion.Check check) {
    if (check instanceof Assertion.NotNull notNull) {
      return kind + " " + String.join(", ", notNull.columns());
    }
    if (check instanceof Assertion.Unique unique) {
      return kind + " " + String.join(", ", unique.columns());
    }
    if (check instanceof Assertion.AcceptedValues accepted) {
      return kind + " of " + accepted.column();
    }
    return check instanceof Assertion.NoRows none
        ? kind + " " + none.sql().lines().map(String::strip).collect(Collectors.joining(" "))
        : kind;
  }
}
