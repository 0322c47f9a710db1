package dev.recount.core.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.error.RecountException;
import dev.recount.text.TextFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.yaml.snakeyaml.nodes.Node;

/**
 * The tests of a view: {@code tests/<view>.yaml}.
 *
 * @param text as its user wrote it
 * @param cases those that can be read
 * @param assertions those that can be read
 * @param problems what is wrong with the rest
 */
public record CaseFile(
    CaseSource source,
    String text,
    List<ViewCase> cases,
    List<Assertion> assertions,
    List<RecountException> problems) {
  private static final String ENDING = ".yaml";
  private static final String CASES = "cases";
  private static final String ASSERTIONS = "assertions";
  private static final List<String> KEYS = List.of(CASES, ASSERTIONS);
  private static final List<String> CASE_KEYS =
      List.of("name", "events", "query", "expect", "tolerance");

  /** The files of a folder with events and views, in order of name; none if there are no tests. */
  public static List<CaseFile> readAll(Path schemas) {
    Path folder = schemas.resolve("tests");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(ENDING))
          .sorted()
          .map(CaseFile::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CaseFile read(Path file) {
    String name = file.getFileName().toString();
    String view = name.substring(0, name.length() - ENDING.length());
    CaseSource source = new CaseSource(view, file.toString());
    try {
      return parse(source, TextFile.read(file, "the tests"));
    } catch (RecountException e) {
      return new CaseFile(source, "", List.of(), List.of(), List.of(e));
    }
  }

  /** Reads what can be read; what is wrong with a case is no matter of the others. */
  public static CaseFile parse(CaseSource source, String text) {
    Parser parser = new Parser(source);
    parser.attempt(text, parser::read);
    return new CaseFile(
        source,
        text,
        List.copyOf(parser.cases),
        List.copyOf(parser.assertions),
        List.copyOf(parser.problems));
  }

  private static final class Parser {
    private final CaseSource source;
    private final YamlReader yaml;
    private final List<ViewCase> cases = new ArrayList<>();
    private final List<Assertion> assertions = new ArrayList<>();
    private final List<RecountException> problems = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    Parser(CaseSource source) {
      this.source = source;
      this.yaml = new YamlReader(source);
    }

    <T> void attempt(T of, Consumer<T> work) {
      try {
        work.accept(of);
      } catch (RecountException e) {
        problems.add(e);
      }
    }

    void read(String text) {
      Node document = yaml.read(text);
      if (document == null) {
        throw source.wrong(1, "it is empty; write 'cases:' and a list of them");
      }
      Map<String, Node> entries = yaml.map(document, "the file");
      attempt(entries, e -> yaml.requireKnown(e, KEYS, "the file"));
      if (entries.containsKey(CASES)) {
        yaml.list(entries.get(CASES), CASES).forEach(node -> attempt(node, this::readCase));
      }
      if (entries.containsKey(ASSERTIONS)) {
        AssertionReader reader = new AssertionReader(source, yaml);
        yaml.list(entries.get(ASSERTIONS), ASSERTIONS)
            .forEach(node -> attempt(node, n -> assertions.add(reader.read(n))));
      }
    }

    private void readCase(Node node) {
      Map<String, Node> entries = yaml.map(node, "a case");
      String name = yaml.text(entries, "name", node, "a case").text().strip();
      String what = "the case '" + name + "'";
      yaml.requireKnown(entries, CASE_KEYS, what);
      if (!names.add(name)) {
        throw source.wrong(YamlReader.line(node), "there are two cases '%s'", name);
      }
      List<ViewCase.Event> events =
          yaml.list(required(entries, "events", node, what), "events").stream()
              .map(this::event)
              .toList();
      List<ViewCase.ExpectedRow> expected =
          yaml.list(required(entries, "expect", node, what), "expect").stream()
              .map(this::row)
              .toList();
      cases.add(
          new ViewCase(
              name,
              YamlReader.line(node),
              events,
              yaml.text(entries, "query", node, what),
              expected,
              tolerance(entries.get("tolerance"))));
    }

    private Node required(Map<String, Node> entries, String key, Node of, String what) {
      Node node = entries.get(key);
      if (node == null) {
        throw source.wrong(YamlReader.line(of), "%s has no '%s'", what, key);
      }
      return node;
    }

    private ViewCase.Event event(Node node) {
      yaml.map(node, "an event");
      return new ViewCase.Event((ObjectNode) yaml.json(node), YamlReader.line(node));
    }

    private ViewCase.ExpectedRow row(Node node) {
      Map<String, JsonNode> values = new LinkedHashMap<>();
      yaml.map(node, "an expected row").forEach((key, value) -> values.put(key, yaml.json(value)));
      return new ViewCase.ExpectedRow(values, YamlReader.line(node));
    }

    private Double tolerance(Node node) {
      if (node == null) {
        return null;
      }
      JsonNode value = yaml.json(node);
      if (!value.isNumber() || value.doubleValue() < 0 || value.doubleValue() >= 1) {
        throw source.wrong(
            YamlReader.line(node), "'tolerance' is a part of the value, such as 0.01");
      }
      return value.doubleValue();
    }
  }
}
