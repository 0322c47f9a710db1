package dev.recount.core.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.core.Nearest;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads YAML with its lines. Plain words are what they are in YAML 1.2 and JSON: null, true, false
 * and numbers; everything else is text, such as {@code no} or a date.
 */
final class YamlReader {
  private static final Pattern WHOLE = Pattern.compile("-?(0|[1-9][0-9]*)");
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?");
  private static final String MERGE = "<<";

  /** Anchors may nest without end. */
  private static final int DEEPEST = 50;

  private final CaseSource source;

  YamlReader(CaseSource source) {
    this.source = source;
  }

  /** The document; null if there is nothing in it. */
  Node read(String text) {
    LoaderOptions options = new LoaderOptions();
    options.setNestingDepthLimit(DEEPEST);
    try {
      return new Yaml(options).compose(new StringReader(text));
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
      throw source.wrong(line, "it is not YAML: " + e.getProblem());
    } catch (YAMLException e) {
      throw source.wrong(1, "it is not YAML: " + e.getMessage());
    }
  }

  static int line(Node node) {
    return node.getStartMark().getLine() + 1;
  }

  /** The items of a list; a null is an empty one. */
  List<Node> list(Node node, String what) {
    if (node instanceof SequenceNode sequence) {
      return sequence.getValue();
    }
    if (node instanceof ScalarNode scalar && value(scalar).isNull()) {
      return List.of();
    }
    throw source.wrong(
        line(node), "%s is a list; write each item on a line that begins with '- '", what);
  }

  /** The entries of a map by their keys, in their order. */
  Map<String, Node> map(Node node, String what) {
    return map(node, what, 0);
  }

  private Map<String, Node> map(Node node, String what, int depth) {
    if (!(node instanceof MappingNode mapping)) {
      throw source.wrong(line(node), "%s is a map, such as {name: value}", what);
    }
    Map<String, Node> entries = new LinkedHashMap<>();
    List<Node> merged = new ArrayList<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw source.wrong(line(tuple.getKeyNode()), "the key of %s is not a name", what);
      }
      if (key.getValue().equals(MERGE)) {
        merged.add(tuple.getValueNode());
      } else if (entries.put(key.getValue(), tuple.getValueNode()) != null) {
        throw source.wrong(line(key), "%s has '%s' twice", what, key.getValue());
      }
    }
    for (Node base : merged) {
      requireShallow(base, depth);
      map(base, what, depth + 1).forEach(entries::putIfAbsent);
    }
    return entries;
  }

  private void requireShallow(Node node, int depth) {
    if (depth >= DEEPEST) {
      throw source.wrong(line(node), "it is nested more than %s deep", DEEPEST);
    }
  }

  /** Refuses entries that have no meaning. */
  void requireKnown(Map<String, Node> entries, Collection<String> known, String what) {
    entries.forEach(
        (key, node) -> {
          if (!known.contains(key)) {
            throw source.wrong(
                line(node),
                "%s has no '%s'; %sthere are: %s",
                what,
                key,
                Nearest.hint(key, known),
                String.join(", ", known));
          }
        });
  }

  /** A text that must be there. */
  ViewCase.Text text(Map<String, Node> entries, String key, Node of, String what) {
    Node node = entries.get(key);
    if (node == null) {
      throw source.wrong(line(of), "%s has no '%s'", what, key);
    }
    if (!(node instanceof ScalarNode scalar) || scalar.getValue().isBlank()) {
      throw source.wrong(line(node), "'%s' of %s is a text", key, what);
    }
    boolean isBlock =
        scalar.getScalarStyle() == DumperOptions.ScalarStyle.LITERAL
            || scalar.getScalarStyle() == DumperOptions.ScalarStyle.FOLDED;
    return new ViewCase.Text(scalar.getValue(), line(node) + (isBlock ? 1 : 0));
  }

  JsonNode json(Node node) {
    return json(node, 0);
  }

  private JsonNode json(Node node, int depth) {
    requireShallow(node, depth);
    if (node instanceof ScalarNode scalar) {
      return value(scalar);
    }
    if (node instanceof SequenceNode sequence) {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      sequence.getValue().forEach(item -> array.add(json(item, depth + 1)));
      return array;
    }
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    map(node, "it", depth).forEach((key, value) -> object.set(key, json(value, depth + 1)));
    return object;
  }

  private static JsonNode value(ScalarNode scalar) {
    String text = scalar.getValue();
    if (scalar.getScalarStyle() != DumperOptions.ScalarStyle.PLAIN) {
      return JsonNodeFactory.instance.textNode(text);
    }
    return switch (text) {
      case "", "~", "null" -> JsonNodeFactory.instance.nullNode();
      case "true", "false" -> JsonNodeFactory.instance.booleanNode(text.equals("true"));
      default -> number(text);
    };
  }

  private static JsonNode number(String text) {
    if (WHOLE.matcher(text).matches()) {
      BigInteger whole = new BigInteger(text);
      return whole.bitLength() < Long.SIZE
          ? JsonNodeFactory.instance.numberNode(whole.longValue())
          : JsonNodeFactory.instance.numberNode(whole);
    }
    return NUMBER.matcher(text).matches()
        ? DecimalNode.valueOf(new BigDecimal(text))
        : JsonNodeFactory.instance.textNode(text);
  }
}
