package dev.recount.core.catalog;

import dev.recount.core.access.Grants;
import dev.recount.core.access.Role;
import dev.recount.core.access.SecretKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The keys of callers, without their secrets. */
public final class KeyCatalog {
  private static final String IS_VALID =
      "(%1$s.revoked IS NULL AND (%1$s.expires IS NULL OR %1$s.expires > CURRENT_TIMESTAMP))";

  private static final String SELECT =
      "SELECT k.*, ("
          + IS_VALID.formatted("k")
          + " AND (k.parent_id IS NULL OR EXISTS (SELECT 1 FROM access_key p WHERE p.key_id = k.parent_id"
          + " AND "
          + IS_VALID.formatted("p")
          + "))) AS is_valid FROM access_key k ";

  /** A browser that logs in again and again has so many sessions and no more. */
  public static final int MOST_SESSIONS = 100;

  private final Sql sql;

  KeyCatalog(Sql sql) {
    this.sql = sql;
  }

  /**
   * What a new key is for.
   *
   * @param life how long it is valid; null: until it is revoked
   */
  public record Purpose(String name, Set<Role> roles, Grants views, Grants events, Duration life) {}

  /**
   * Adds a key.
   *
   * @return false if there is a valid one with its name
   */
  public boolean add(SecretKey key, Purpose purpose) {
    return insert(
            key,
            purpose,
            null,
            false,
            "NOT EXISTS (SELECT 1 FROM access_key k WHERE k.key_name = :name AND NOT"
                + " k.is_session AND "
                + IS_VALID.formatted("k")
                + ")")
        == 1;
  }

  /**
   * Adds what a browser holds from now on. The oldest sessions end if the same key, or the same
   * subject of tokens, has more than {@link #MOST_SESSIONS}.
   *
   * @param parentId the key that it has logged in with; null if it was a token
   */
  public void addSession(SecretKey key, Purpose purpose, String parentId) {
    insert(key, purpose, parentId, true, "TRUE");
    Map<String, Object> values = new HashMap<>();
    values.put("name", purpose.name());
    values.put("parent", parentId == null ? "" : parentId);
    values.put("most", MOST_SESSIONS);
    sql.update(
        """
        DELETE FROM access_key WHERE key_id IN (
          SELECT s.key_id FROM access_key s
          WHERE s.is_session AND s.key_name = :name AND COALESCE(s.parent_id, '') = :parent
          ORDER BY s.created DESC, s.key_id OFFSET :most ROWS)""",
        values);
  }

  private int insert(
      SecretKey key, Purpose purpose, String parentId, boolean isSession, String condition) {
    Map<String, Object> values = new HashMap<>();
    values.put("id", key.id());
    values.put("name", purpose.name());
    values.put("roles", Role.text(purpose.roles()));
    values.put("views", purpose.views().text());
    values.put("events", purpose.events().text());
    values.put("hash", key.hash());
    values.put("parent", parentId);
    values.put("session", isSession);
    values.put("life", purpose.life() == null ? null : purpose.life().toSeconds());
    return sql.updated(
        """
        INSERT INTO access_key (key_id, key_name, roles, views, events, secret_hash, parent_id,
          is_session, expires)
        SELECT CAST(:id AS VARCHAR), CAST(:name AS VARCHAR), CAST(:roles AS VARCHAR),
          CAST(:views AS VARCHAR), CAST(:events AS VARCHAR), CAST(:hash AS VARCHAR),
          CAST(:parent AS VARCHAR), CAST(:session AS BOOLEAN),
          CURRENT_TIMESTAMP + CAST(:life AS INTEGER) * INTERVAL '1' SECOND
        WHERE %s"""
            .formatted(condition),
        values);
  }

  /** The key with this name of the catalog's, valid or not. */
  public Optional<AccessKey> find(String keyId) {
    return sql.first(AccessKey.class, SELECT + "WHERE k.key_id = :id", Map.of("id", keyId));
  }

  /** All keys and sessions that are good now. */
  public List<AccessKey> valid() {
    return sql.list(
        AccessKey.class, "SELECT * FROM (" + SELECT + ") found WHERE is_valid", Map.of());
  }

  /** All sessions that are good now, the newest first. */
  public List<AccessKey> sessions() {
    return sql.list(
        AccessKey.class,
        "SELECT * FROM ("
            + SELECT
            + ") found WHERE is_valid AND is_session ORDER BY created DESC, key_id",
        Map.of());
  }

  /** All keys, the newest first; no sessions. */
  public List<AccessKey> all() {
    return sql.list(
        AccessKey.class,
        SELECT + "WHERE NOT k.is_session ORDER BY k.created DESC, k.key_id",
        Map.of());
  }

  /**
   * Makes a key, and all sessions that were begun with it, invalid.
   *
   * @return false if it was revoked already
   */
  public boolean revoke(String keyId) {
    return sql.updated(
            """
            UPDATE access_key SET revoked = CURRENT_TIMESTAMP
            WHERE key_id = :id AND revoked IS NULL""",
            Map.of("id", keyId))
        == 1;
  }

  /** Notes that a key was used. */
  public void used(String keyId) {
    sql.update(
        "UPDATE access_key SET last_used = CURRENT_TIMESTAMP WHERE key_id = :id",
        Map.of("id", keyId));
  }

  /** Removes sessions that are over. */
  public void removeOldSessions() {
    sql.update(
        """
        DELETE FROM access_key
        WHERE is_session AND (expires < CURRENT_TIMESTAMP OR revoked IS NOT NULL)""",
        Map.of());
  }
}
