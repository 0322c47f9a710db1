package dev.recount.core.catalog;

import dev.recount.core.Deadline;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
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

  /** How an SQL state begins if the database, or the way to it, is away. */
  private static final List<String> AWAY = List.of("08", "57P", "90067", "90098", "90121");

  private static final Duration RETRY = Duration.ofMillis(500);

  private final Jdbi jdbi;
  private final Duration patience;

  Sql(Jdbi jdbi) {
    this(jdbi, Duration.ZERO);
  }

  private Sql(Jdbi jdbi, Duration patience) {
    this.jdbi = jdbi;
    this.patience = patience;
  }

  /** The same, but it waits for a database that is away. */
  Sql patient(Duration most) {
    return new Sql(jdbi, most);
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

  private <T> T guard(Supplier<T> work) {
    Deadline limit = Deadline.after(patience);
    while (true) {
      try {
        return work.get();
      } catch (JdbiException e) {
        if (limit.isExpired() || !isAway(e)) {
          throw unavailable(e);
        }
        limit.pause(RETRY);
      }
    }
  }

  /** Whether the database, or the way to it, is away. */
  static boolean isAway(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLTransientConnectionException) {
        return true;
      }
      if (cause instanceof SQLException known
          && known.getSQLState() != null
          && AWAY.stream().anyMatch(known.getSQLState()::startsWith)) {
        return true;
      }
    }
    return false;
  }

  private static RecountException unavailable(JdbiException e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return RecountException.of(
        ErrorCode.CATALOG_UNAVAILABLE,
        e,
        "Cannot ask the catalog: %s; is the stack up? (recount status)",
        root.getMessage());
  }
}
