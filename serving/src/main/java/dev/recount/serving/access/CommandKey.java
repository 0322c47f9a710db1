package dev.recount.serving.access;

import dev.recount.core.access.Grants;
import dev.recount.core.access.Role;
import dev.recount.core.access.SecretKey;
import dev.recount.core.catalog.AccessKey;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.KeyCatalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.config.SecretFile;
import dev.recount.core.process.ThisProcess;
import java.util.EnumSet;
import java.util.Optional;

/**
 * The key of the commands of a home: it may do everything, and lies in a file that only the home's
 * owner can read. The owner can read the catalog's password too.
 */
final class CommandKey {
  private CommandKey() {}

  /** Makes the key if there is none, or if the catalog does not know it, or no more. */
  static void settle(RecountConfig config, Catalog catalog) {
    SecretFile file = config.home().commandKey();
    Optional<SecretKey> kept = file.read().flatMap(SecretKey::parse);
    KeyCatalog keys = catalog.keys();
    if (kept.isPresent()
        && keys.find(kept.get().id())
            .filter(AccessKey::isValid)
            .filter(key -> kept.get().matches(key.secretHash()))
            .isPresent()) {
      return;
    }
    String name = "commands of " + ThisProcess.host() + ":" + config.home().path();
    // Its secret is lost, or would have been found above.
    keys.all().stream()
        .filter(key -> key.isValid() && key.keyName().equals(name))
        .forEach(key -> keys.revoke(key.keyId()));
    SecretKey made = SecretKey.random();
    keys.add(
        made,
        new KeyCatalog.Purpose(name, EnumSet.allOf(Role.class), Grants.ALL, Grants.ALL, null));
    file.write(made.text());
  }
}
