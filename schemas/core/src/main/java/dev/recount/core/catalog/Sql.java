package dev.recount.core.catalog;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * What is asked of the catalog's database; its failures become the catalog's one error. Each method
 * is a transaction of its own.
 */
final class Sql {
  /** A column more: how long ago a row was noted, by the database's clock. */
  static final String AGE =
      ", CAST(EXTRACT(EPOCH FROM (CURRENT_TIMESTAMP - noted)) * 1000 AS BIGINT) AS age_ms ";

  /** The SQL state of a key that is there already. */
  private static final String DUPLICATE = "23505";

  private final Jdbi jdbi;

  Sql(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** All rows. */
  <T> List<T> list(Class<T> row, String sql, Map<String, ?> values) {
    return guard(() -> jdbi.withHandle(h -> new Statements(h).list(row, sql, values)));
  }

  /** The first row. */
  <T> Optional<T> first(Class<T> row, String sql, Map<String, ?> values) {
    return guard(() -> jdbi.withHandle(h -> new Statements(h).first(row, sql, values)));
  }

  void update(String sql, Map<String, ?> values) {
    together(s -> s.update(sql, values));
  }

  /** How many rows were changed. */
  int updated(String sql, Map<String, ?> values) {
    return guard(() -> jdbi.inTransaction(h -> new Statements(h).update(sql, values)));
  }

  /** False if there is a row with such a key already. */
  boolean inserted(String sql, Map<String, ?> values) {
    try {
      update(sql, values);
      return true;
    } catch (RecountException e) {
      if (isDuplicate(e)) {
        return false;
      }
      throw e;
    }
  }

  /** Whether a row with such a key was there already. */
  static boolean isDuplicate(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException known && DUPLICATE.equals(known.getSQLState())) {
        return true;
      }
    }
    return false;
  }

  /** Does several things, or none of them. */
  void together(Consumer<Statements> work) {
    guard(
        () -> {
          jdbi.useTransaction(h -> work.accept(new Statements(h)));
          return null;
        });
  }

  /** Statements of one transaction; values are bound by name. */
  record Statements(Handle handle) {
    <T> List<T> list(Class<T> row, String sql, Map<String, ?> values) {
      return handle.createQuery(sql).bindMap(values).mapTo(row).list();
    }

    <T> Optional<T> first(Class<T> row, String sql, Map<String, ?> values) {
      return handle.createQuery(sql).bindMap(values).mapTo(row).findFirst();
    }

    int update(String sql, Map<String, ?> values) {
      return handle.createUpdate(sql).bindMap(values).execute();
    }

    /** Binds what a record has. */
    int update(String sql, Record values) {
      return handle.createUpdate(sql).bindMethods(values).execute();
    }
  }

  private static <T> T guard(Supplier<T> work) {
    try {
      return work.get();
    } catch (JdbiException e) {
      Throwable root = e;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      throw RecountException.of(
          ErrorCode.CATALOG_UNAVAILABLE,
          e,
          "Cannot ask the catalog: %s; is the stack up? (recount status)",
          root.getMessage());
    }
  }
}
