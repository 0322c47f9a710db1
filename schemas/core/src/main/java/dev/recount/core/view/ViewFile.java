package dev.recount.core.view;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.text.TextFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A view as its user wrote it: {@code <view>.sql}, a header of {@code -- @key value} and a SELECT.
 *
 * @param header the keys that may be there once
 * @param indexes the {@code @index} lines
 */
public record ViewFile(
    String view, Map<String, String> header, List<ViewIndex> indexes, String sql) {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,99}");
  private static final Pattern HEADER = Pattern.compile("\\s*--\\s*@(\\S+)\\s*(.*?)\\s*");
  private static final String INDEX = "index";
  private static final Set<String> KEYS =
      Set.of(
          "description",
          "time",
          "schedule",
          "zone",
          "mode",
          "audit",
          "distinct",
          "star-tree",
          ViewPlan.COUNT);

  /**
   * @throws RecountException VIEW_INVALID for a bad name or header
   */
  public static ViewFile parse(String view, String text) {
    if (!NAME.matcher(view).matches()) {
      throw invalid(view, "the name must match " + NAME);
    }
    Map<String, String> header = new LinkedHashMap<>();
    List<ViewIndex> indexes = new ArrayList<>();
    StringBuilder sql = new StringBuilder();
    for (String line : text.lines().toList()) {
      Matcher matcher = HEADER.matcher(line);
      if (!matcher.matches()) {
        sql.append(line).append('\n');
        continue;
      }
      if (matcher.group(1).equals(INDEX)) {
        indexes.add(index(view, matcher.group(2)));
        continue;
      }
      if (!KEYS.contains(matcher.group(1))) {
        throw invalid(
            view,
            "the header key '@%s' is not one of %s and '%s'"
                .formatted(matcher.group(1), KEYS.stream().sorted().toList(), INDEX));
      }
      if (header.put(matcher.group(1), matcher.group(2)) != null) {
        throw invalid(view, "the header has two lines '@" + matcher.group(1) + "'; leave one out");
      }
    }
    return new ViewFile(view, header, indexes, sql.toString().strip());
  }

  private static ViewIndex index(String view, String value) {
    String[] words = value.split("\\s+");
    IndexKind kind =
        words.length == 2 ? IndexKind.of(words[1].toLowerCase(Locale.ROOT)).orElse(null) : null;
    if (kind == null) {
      throw invalid(
          view,
          "'@index %s' is not an index; write -- @index COLUMN KIND, the kind one of %s"
              .formatted(value, Stream.of(IndexKind.values()).map(IndexKind::label).toList()));
    }
    return new ViewIndex(words[0], kind);
  }

  public static ViewFile read(Path file) {
    String name = file.getFileName().toString();
    return parse(
        name.substring(0, name.length() - ".sql".length()), TextFile.read(file, "the view"));
  }

  private static RecountException invalid(String view, String reason) {
    return RecountException.of(
        ErrorCode.VIEW_INVALID, "Cannot use the view '%s': %s", view, reason);
  }
}
