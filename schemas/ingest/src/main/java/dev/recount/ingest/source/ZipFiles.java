package dev.recount.ingest.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A zip archive of one file, which is read as that file; with several, it is unknown which is
 * meant.
 */
final class ZipFiles {
  private ZipFiles() {}

  static boolean isZip(byte[] start) {
    return start.length > 3
        && start[0] == 'P'
        && start[1] == 'K'
        && (start[2] == 3 && start[3] == 4 || start[2] == 5 && start[3] == 6);
  }

  /**
   * Opens the one file of an archive.
   *
   * @param isReadTwice whether it is a file, not a pipe
   */
  static InputStream open(String name, boolean isReadTwice) throws IOException {
    if (!isReadTwice) {
      throw Unreadable.because(
          name, "it is a zip archive, which cannot be read from a pipe; name the file", null);
    }
    ZipFile archive = archive(name);
    try {
      List<? extends ZipEntry> files =
          archive.stream()
              .filter(entry -> !entry.isDirectory() && !entry.getName().startsWith("__MACOSX/"))
              .toList();
      if (files.stream().anyMatch(entry -> entry.getName().equals("[Content_Types].xml"))) {
        throw Unreadable.because(
            name, "it is an Excel workbook or another office file; save it as CSV", null);
      }
      if (files.size() != 1) {
        throw Unreadable.because(
            name,
            "it is a zip archive of " + files.size() + " files; unpack it and name them",
            null);
      }
      return new FilterInputStream(archive.getInputStream(files.get(0))) {
        @Override
        public void close() throws IOException {
          archive.close();
        }
      };
    } catch (IOException | RuntimeException e) {
      archive.close();
      throw e;
    }
  }

  private static ZipFile archive(String file) throws IOException {
    try {
      return new ZipFile(file);
    } catch (ZipException e) {
      throw new IOException("its zip data is cut off or damaged (" + e.getMessage() + ")", e);
    }
  }
}
