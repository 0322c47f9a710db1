package dev.recount.core.catalog;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What processes hold, one at a time; how long a holder was silent is by the database's clock. */
public final class LeaseCatalog {
  private static final String SELECT =
      "SELECT lease.lease_name AS name, lease.holder" + Sql.AGE + "FROM lease ";

  private final Sql sql;

  LeaseCatalog(Sql sql) {
    this.sql = sql;
  }

  /**
   * Takes a lease if nobody holds it, or its holder was silent for longer.
   *
   * @return whether the holder has it now
   */
  public boolean take(String name, String holder, Duration silence) {
    Map<String, ?> values = Map.of("name", name, "holder", holder, "silence", silence.toMillis());
    int taken =
        sql.updated(
            """
            UPDATE lease SET holder = :holder, noted = CURRENT_TIMESTAMP WHERE lease_name = :name
            AND (holder = :holder
              OR CAST(EXTRACT(EPOCH FROM (CURRENT_TIMESTAMP - noted)) * 1000 AS BIGINT) > :silence)
            """,
            values);
    return taken == 1
        || find(name).isEmpty()
            && sql.inserted(
                "INSERT INTO lease (lease_name, holder) VALUES (:name, :holder)", values);
  }

  /**
   * Says that the holder lives.
   *
   * @return whether it still has the lease
   */
  public boolean renew(String name, String holder) {
    return sql.updated(
            """
            UPDATE lease SET noted = CURRENT_TIMESTAMP
            WHERE lease_name = :name AND holder = :holder""",
            Map.of("name", name, "holder", holder))
        == 1;
  }

  /** Gives a lease back; nothing happens if another has it. */
  public void release(String name, String holder) {
    sql.update(
        "DELETE FROM lease WHERE lease_name = :name AND holder = :holder",
        Map.of("name", name, "holder", holder));
  }

  /** A lease, also one whose holder has been silent for long. */
  public Optional<Lease> find(String name) {
    return sql.first(Lease.class, SELECT + "WHERE lease_name = :name", Map.of("name", name));
  }

  /** Those whose names begin so, by name; also those whose holders have been silent for long. */
  public List<Lease> startingWith(String prefix) {
    return sql.list(
        Lease.class,
        SELECT + "WHERE SUBSTRING(lease_name FROM 1 FOR :length) = :prefix ORDER BY lease_name",
        Map.of("length", prefix.length(), "prefix", prefix));
  }
}
