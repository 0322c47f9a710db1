package dev.recount.core.catalog;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.function.Supplier;
import org.jdbi.v3.core.JdbiException;

/** Turns failures of the database into the catalog's one error. */
final class Sql {
  private Sql() {}

  static <T> T guard(Supplier<T> work) {
    try {
      return work.get();
    } catch (JdbiException e) {
      Throwable root = e;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      throw new RecountException(
          ErrorCode.CATALOG_UNAVAILABLE,
          "Cannot ask the catalog: " + root.getMessage() + "; is the stack up? (recount status)",
          e);
    }
  }
}
