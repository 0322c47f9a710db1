package dev.recount.infra.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.infra.demo.drive.Recount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The sections of docs/read-models.md, by their headings. */
final class ReadModelsPage {
  private static final Path PAGE = Recount.root().resolve("docs/read-models.md");
  private static final Pattern SECTION =
      Pattern.compile("^## (.+?)\n(.*?)(?=^## |\\z)", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]+)(?:#[^)]*)?\\)");

  private static final Pattern GET = Pattern.compile("^GET (\\S+)$", Pattern.MULTILINE);

  private ReadModelsPage() {}

  /** The text of a section. */
  record Section(String text) {
    /** The code blocks of a language. */
    private List<String> blocks(String language) {
      List<String> blocks = new ArrayList<>();
      Matcher matcher =
          Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(text);
      while (matcher.find()) {
        blocks.add(matcher.group(1));
      }
      return blocks;
    }

    /** The events that are shown. */
    List<JsonNode> events() {
      return blocks("json").stream()
          .flatMap(String::lines)
          .map(line -> Json.read(line, JsonNode.class))
          .toList();
    }

    /** The one query of the page. */
    String query() {
      return blocks("sql").get(0);
    }

    /** The path of the first GET. */
    String get() {
      Matcher matcher = GET.matcher(text);
      if (!matcher.find()) {
        throw new AssertionError("There is no GET in: " + text);
      }
      return matcher.group(1);
    }

    /** The files that are linked to. */
    List<Path> files() {
      List<Path> files = new ArrayList<>();
      Matcher matcher = LINK.matcher(text);
      while (matcher.find()) {
        files.add(PAGE.resolveSibling(matcher.group(1)).normalize());
      }
      return files;
    }
  }

  static Map<String, Section> sections() {
    Map<String, Section> sections = new LinkedHashMap<>();
    try {
      Matcher matcher = SECTION.matcher(Files.readString(PAGE));
      while (matcher.find()) {
        sections.put(matcher.group(1), new Section(matcher.group(2)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sections;
  }
}
