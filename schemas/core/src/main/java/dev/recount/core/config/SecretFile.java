package dev.recount.core.config;

import dev.recount.error.FileErrors;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * A file that holds one secret and that only its owner can read.
 *
 * @param what the secret is, for messages
 */
public record SecretFile(Path file, String what) {
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /**
   * The secret; empty if there is none.
   *
   * @throws RecountException FILE_UNUSABLE
   */
  public Optional<String> read() {
    try {
      return Optional.of(Files.readString(file).strip()).filter(secret -> !secret.isEmpty());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw FileErrors.cannot("read " + what + " in", file, e);
    }
  }

  /**
   * Keeps a secret in place of what was there; readers find one of them whole.
   *
   * @throws RecountException FILE_UNUSABLE, DISK_FULL
   */
  public void write(String secret) {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      Files.deleteIfExists(temporary);
      Files.createFile(temporary, OWNER_ONLY);
      Files.writeString(temporary, secret + "\n", StandardOpenOption.SYNC);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw FileErrors.cannot("write " + what + " to", file, e);
    }
  }
}
