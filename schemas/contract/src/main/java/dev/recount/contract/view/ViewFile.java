package dev.recount.contract.view;

import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A view as its user wrote it: {@code <view>.sql}, a header of {@code -- @key value} and a SELECT.
 */
public record ViewFile(String view, Map<String, String> header, String sql) {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,99}");
  private static final Pattern HEADER = Pattern.compile("\\s*--\\s*@(\\S+)\\s*(.*?)\\s*");
  private static final Set<String> KEYS = Set.of("description", "time", "schedule");

  /**
   * @throws RecountException VIEW_INVALID for a bad name or header
   */
  public static ViewFile parse(String view, String text) {
    if (!NAME.matcher(view).matches()) {
      throw invalid(view, "the name must match " + NAME);
    }
    Map<String, String> header = new LinkedHashMap<>();
    StringBuilder sql = new StringBuilder();
    for (String line : text.lines().toList()) {
      Matcher matcher = HEADER.matcher(line);
      if (!matcher.matches()) {
        sql.append(line).append('\n');
        continue;
      }
      if (!KEYS.contains(matcher.group(1))) {
        throw invalid(view, "the header key '@" + matcher.group(1) + "' is not one of " + KEYS);
      }
      header.put(matcher.group(1), matcher.group(2));
    }
    return new ViewFile(view, header, sql.toString().strip());
  }

  public static ViewFile read(Path file) {
    try {
      String name = file.getFileName().toString();
      return parse(name.substring(0, name.length() - ".sql".length()), Files.readString(file));
    } catch (IOException e) {
      throw new RecountException(
          ErrorCode.FILE_NOT_READABLE, "Cannot read '" + file + "': " + e.getMessage(), e);
    }
  }

  private static RecountException invalid(String view, String reason) {
    return new RecountException(
        ErrorCode.VIEW_INVALID, "Cannot use the view '" + view + "': " + reason);
  }
}
