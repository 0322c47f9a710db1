package dev.recount.error;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** What the file system refuses, as an error that says why and what to do. */
public final class FileErrors {
  private FileErrors() {}

  /**
   * @param verb what was to be done to the file, such as "write"
   */
  public static RecountException cannot(String verb, Path file, IOException e) {
    String reason = reason(e);
    return isFull(e)
        ? RecountException.of(
            ErrorCode.DISK_FULL,
            e,
            "Cannot %s '%s': %s; free some space on that disk",
            verb,
            file,
            reason)
        : RecountException.of(ErrorCode.FILE_UNUSABLE, e, "Cannot %s '%s': %s", verb, file, reason);
  }

  /** The error for an exception that the file system caused. */
  public static Optional<RecountException> find(Throwable thrown) {
    for (Throwable e = thrown; e != null; e = e.getCause()) {
      if (e instanceof FileSystemException refused && refused.getFile() != null) {
        return Optional.of(cannot("use", Path.of(refused.getFile()), refused));
      }
      if (e instanceof IOException io && isWithoutRoom(io)) {
        return Optional.of(
            RecountException.of(
                ErrorCode.DISK_FULL, thrown, "Cannot finish: %s; free some space", reason(io)));
      }
    }
    return Optional.empty();
  }

  /** Whether a full disk is at the bottom of it, whatever was made of that. */
  public static boolean isFull(Throwable thrown) {
    for (Throwable e = thrown; e != null; e = e.getCause()) {
      if (e instanceof IOException io && isWithoutRoom(io)) {
        return true;
      }
    }
    return false;
  }

  /** Whether there is no room on the disk, or none left for this user. */
  private static boolean isWithoutRoom(IOException e) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("no space left") || message.contains("quota exceeded");
  }

  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied to user '" + System.getProperty("user.name") + "'";
    }
    if (e instanceof FileAlreadyExistsException) {
      return "it already exists and is not a folder";
    }
    if (e instanceof FileSystemException refused && refused.getReason() != null) {
      return lowerFirst(refused.getReason());
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : lowerFirst(e.getMessage());
  }

  private static String lowerFirst(String text) {
    return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
  }
}
