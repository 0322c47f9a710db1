package dev.recount.text;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Small files of text that people write: schemas, views, mappings. They are UTF-8. */
public final class TextFile {
  private TextFile() {}

  /**
   * @param called what the file is in errors, such as {@code the mapping}
   * @throws RecountException FILE_NOT_READABLE
   */
  public static String read(Path file, String called) {
    try {
      return Utf8Text.require(Files.readAllBytes(file));
    } catch (IOException e) {
      throw RecountException.of(
          ErrorCode.FILE_NOT_READABLE, e, "Cannot read %s '%s': %s", called, file, reason(e));
    }
  }

  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "there is no such file";
    }
    return e instanceof AccessDeniedException ? "this user may not read it" : e.getMessage();
  }
}
