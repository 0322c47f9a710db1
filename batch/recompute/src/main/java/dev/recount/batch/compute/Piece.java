package dev.recount.batch.compute;

import dev.recount.batch.archive.ArchiveFile;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/**
 * Files of one day of arrival that are counted together, and again together if that fails.
 *
 * @param name of what its rows depend on: the files, and the cut if it goes through one of them. So
 *     a piece that is finished stays so while others files come, or the cut moves on.
 */
public record Piece(String name, List<ArchiveFile> files) {
  private static final int NAME_LENGTH = 32;

  /**
   * Divides files; those of one day that are the same are divided the same, whatever comes on other
   * days.
   *
   * @param mostBytes of a piece, unless it is one file
   */
  static List<Piece> divide(Collection<ArchiveFile> files, long cutMs, long mostBytes) {
    List<List<ArchiveFile>> groups = new ArrayList<>();
    LocalDate day = null;
    long bytes = 0;
    for (ArchiveFile file :
        files.stream()
            .sorted(
                Comparator.comparing(ArchiveFile::date)
                    .thenComparing(ArchiveFile::minArrivalMs)
                    .thenComparing(ArchiveFile::path))
            .toList()) {
      if (!file.date().equals(day) || bytes + file.sizeBytes() > mostBytes) {
        groups.add(new ArrayList<>());
        day = file.date();
        bytes = 0;
      }
      groups.get(groups.size() - 1).add(file);
      bytes += file.sizeBytes();
    }
    return groups.stream().map(group -> new Piece(name(group, cutMs), group)).toList();
  }

  /** The latest arrival in it, milliseconds. */
  long maxArrivalMs() {
    return files.stream().mapToLong(ArchiveFile::maxArrivalMs).max().orElseThrow();
  }

  private static String name(List<ArchiveFile> files, long cutMs) {
    StringBuilder facts = new StringBuilder();
    for (ArchiveFile file : files) {
      facts
          .append(file.path())
          .append(' ')
          .append(file.sizeBytes())
          .append(' ')
          .append(file.modifiedMs())
          .append(file.maxArrivalMs() >= cutMs ? " before " + cutMs : "")
          .append('\n');
    }
    return hash(facts.toString());
  }

  /** A short name for a text; different texts have different ones. */
  public static String hash(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash).substring(0, NAME_LENGTH);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
