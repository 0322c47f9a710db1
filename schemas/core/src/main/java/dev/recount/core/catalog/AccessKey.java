package dev.recount.core.catalog;

import dev.recount.core.access.Grants;
import dev.recount.core.access.Role;
import java.time.Instant;
import java.util.Set;

/**
 * A key as the catalog has it. Times are the database's.
 *
 * @param roles as {@link Role#parse} reads them
 * @param views as {@link Grants#parse} reads them; so are events
 * @param secretHash of the secret that its owner holds
 * @param parentId of a session: the key that was logged in with; null if it was a token
 * @param isSession whether a browser holds it, since it has logged in
 * @param expires null: never
 * @param lastUsed to the minute; null: never
 * @param revoked null: not
 * @param isValid whether it is neither revoked nor expired, and, of a session, its parent is
 *     neither
 */
public record AccessKey(
    String keyId,
    String keyName,
    String roles,
    String views,
    String events,
    String secretHash,
    String parentId,
    boolean isSession,
    Instant created,
    Instant expires,
    Instant lastUsed,
    Instant revoked,
    boolean isValid) {

  /** What its holder may do. */
  public Set<Role> roleSet() {
    return Role.parse(roles);
  }

  /** The views that its holder may ask. */
  public Grants viewGrants() {
    return Grants.parse(views);
  }

  /** The events that its holder may send. */
  public Grants eventGrants() {
    return Grants.parse(events);
  }
}
