package dev.recount.infra.stack;

import dev.recount.core.Json;
import dev.recount.core.Nearest;
import dev.recount.core.access.Grants;
import dev.recount.core.access.Role;
import dev.recount.core.access.SecretKey;
import dev.recount.core.catalog.AccessKey;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.KeyCatalog;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands that make keys, list them and revoke them. */
@Command(
    name = "key",
    description = "Makes, lists and revokes the keys that programs and people ask with.",
    mixinStandardHelpOptions = true,
    subcommands = {KeyCommands.Create.class, KeyCommands.Listing.class, KeyCommands.Revoke.class})
final class KeyCommands {
  private KeyCommands() {}

  private enum Format {
    TABLE,
    JSON
  }

  /** What all of them do: open the catalog. */
  private abstract static class Action implements Callable<Integer> {
    @Mixin private HomeOptions home;
    @Spec private CommandSpec spec;

    @Option(
        names = "--format",
        paramLabel = "FORMAT",
        defaultValue = "TABLE",
        description = "table or json (default: table).")
    private Format format;

    abstract void act(KeyCatalog keys, RecountConfig config);

    @Override
    public final Integer call() {
      RecountConfig config = home.config();
      try (Catalog catalog = Catalog.open(config)) {
        act(catalog.keys(), config);
      }
      return 0;
    }

    final boolean isJson() {
      return format == Format.JSON;
    }

    final void print(String text) {
      PrintWriter out = spec.commandLine().getOut();
      out.print(text);
      out.flush();
    }

    /** What is no result: scripts read the results only. */
    final void say(String text) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(text);
      err.flush();
    }
  }

  /** Makes a key. */
  @Command(
      name = "create",
      description = {
        "Makes a key and prints it, once: only a hash of it is kept.",
        "Requests bring it as 'Authorization: Bearer KEY', or as the password of Basic.",
        "Roles: read (ask views), write (send events), operate (start, pause and cancel runs)."
      },
      mixinStandardHelpOptions = true)
  static final class Create extends Action {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,99}");
    private static final Pattern LIFE = Pattern.compile("([1-9]\\d{0,4})([mhd])");

    @Parameters(paramLabel = "NAME", description = "What logs and lists call it.")
    private String name;

    @Option(
        names = "--roles",
        paramLabel = "ROLES",
        defaultValue = "read",
        description = "read, write, operate; several with commas (default: read).")
    private String roles;

    @Option(
        names = "--views",
        paramLabel = "VIEWS",
        defaultValue = "*",
        description =
            "The views it may ask and operate: names, or patterns such as 'sales_*'; several"
                + " with commas (default: all).")
    private String views;

    @Option(
        names = "--events",
        paramLabel = "EVENTS",
        defaultValue = "*",
        description = "The events it may send (default: all).")
    private String events;

    @Option(
        names = "--expires",
        paramLabel = "TIME",
        description = "How long it is valid: 30m, 12h, 90d (default: until it is revoked).")
    private String expires;

    @Override
    void act(KeyCatalog keys, RecountConfig config) {
      KeyCatalog.Purpose purpose = purpose();
      SecretKey key = SecretKey.random();
      if (!keys.add(key, purpose)) {
        throw RecountException.of(
            ErrorCode.USAGE,
            "Cannot make a key '%s': there is one; give another name, or revoke it first (recount key"
                + " revoke %s)",
            name,
            name);
      }
      if (isJson()) {
        Map<String, String> made = new LinkedHashMap<>();
        made.put("name", name);
        made.put("id", key.id());
        made.put("key", key.text());
        print(Json.write(made) + "\n");
      } else {
        print(key.text() + "\n");
        say("Keep this key: it is shown only now. 'recount key revoke " + name + "' ends it.");
      }
      if (!config.access().required()) {
        say("Nobody asks for it yet: access control is off (set access.required = true).");
      }
    }

    private KeyCatalog.Purpose purpose() {
      if (!NAME.matcher(name).matches()) {
        throw RecountException.of(
            ErrorCode.USAGE,
            "Cannot make a key '%s': its name may have letters, digits and '.', '_', '@', '-', 100 at"
                + " most, and begins with a letter or digit",
            name);
      }
      if (Role.parse(roles).isEmpty()) {
        throw RecountException.of(
            ErrorCode.USAGE, "Cannot make a key '%s': give it a role (--roles read)", name);
      }
      return new KeyCatalog.Purpose(
          name, Role.parse(roles), Grants.parse(views), Grants.parse(events), life());
    }

    private Duration life() {
      if (expires == null) {
        return null;
      }
      Matcher matcher = LIFE.matcher(expires);
      if (!matcher.matches()) {
        throw RecountException.of(
            ErrorCode.USAGE, "Cannot read --expires '%s': write 30m, 12h or 90d", expires);
      }
      long number = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "m" -> Duration.ofMinutes(number);
        case "h" -> Duration.ofHours(number);
        default -> Duration.ofDays(number);
      };
    }
  }

  /** Lists keys. */
  @Command(
      name = "list",
      description = "Lists keys: what each may do, and when it was last used, to the minute.",
      mixinStandardHelpOptions = true)
  static final class Listing extends Action {
    private static final String LINE = "%-24s %-14s %-20s %-24s %-24s %-22s %-22s %s%n";

    @Option(names = "--all", description = "Those that were revoked or have expired too.")
    private boolean all;

    @Option(
        names = "--sessions",
        description = "The browsers that have logged in, instead of keys, by key or token.")
    private boolean sessions;

    @Override
    void act(KeyCatalog keys, RecountConfig config) {
      List<AccessKey> listed =
          sessions
              ? keys.sessions()
              : keys.all().stream().filter(key -> all || key.isValid()).toList();
      print(
          isJson()
              ? Json.write(listed.stream().map(Listing::json).toList()) + "\n"
              : listed.isEmpty() ? none() : table(listed));
    }

    private String none() {
      return sessions
          ? "No browser is logged in.\n"
          : "There are no keys; 'recount key create NAME' makes one.\n";
    }

    private static Map<String, Object> json(AccessKey key) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("name", key.keyName());
      json.put("id", key.keyId());
      json.put("roles", key.roleSet().stream().sorted().map(Role::text).toList());
      json.put("views", key.viewGrants().patterns());
      json.put("events", key.eventGrants().patterns());
      json.put("created", key.created());
      json.put("last_used", key.lastUsed());
      json.put("expires", key.expires());
      json.put("revoked", key.revoked());
      json.put("valid", key.isValid());
      return json;
    }

    private static String table(List<AccessKey> keys) {
      StringBuilder text = new StringBuilder();
      text.append(
          String.format(
              LINE, "name", "id", "roles", "views", "events", "last used", "expires", "state"));
      for (AccessKey key : keys) {
        text.append(
            String.format(
                LINE,
                key.keyName(),
                key.keyId(),
                key.roles(),
                key.views(),
                key.events(),
                key.lastUsed() == null ? "never" : key.lastUsed(),
                key.expires() == null ? "never" : key.expires(),
                key.isValid() ? "valid" : key.revoked() == null ? "expired" : "revoked"));
      }
      return text.toString();
    }
  }

  /** Revokes keys. */
  @Command(
      name = "revoke",
      description = {
        "Ends keys, and the sessions of browsers that logged in with them. The name 'jwt:SUBJECT'"
            + " ends the sessions that began with a token of this subject.",
        "A running stack stops accepting them within 5 seconds."
      },
      mixinStandardHelpOptions = true)
  static final class Revoke extends Action {
    @Parameters(
        paramLabel = "KEY",
        arity = "1..*",
        description = "Names or ids of keys or sessions.")
    private List<String> named;

    /** All are known before anything is done. */
    @Override
    void act(KeyCatalog keys, RecountConfig config) {
      List<AccessKey> known = keys.all();
      List<AccessKey> sessions = keys.sessions();
      Map<String, List<AccessKey>> found = new LinkedHashMap<>();
      named.forEach(name -> found.put(name, find(name, known, sessions)));
      Map<String, Boolean> done = new LinkedHashMap<>();
      found.forEach(
          (name, these) ->
              done.put(name, these.stream().filter(key -> keys.revoke(key.keyId())).count() > 0));
      if (isJson()) {
        print(Json.write(done) + "\n");
      } else {
        done.forEach(
            (name, changed) ->
                print(
                    changed
                        ? "Revoked '" + name + "'.\n"
                        : "'" + name + "' was revoked before.\n"));
      }
    }

    /** A key, of several with a name the valid one; if there is none, sessions. */
    private static List<AccessKey> find(
        String name, List<AccessKey> known, List<AccessKey> sessions) {
      Predicate<AccessKey> isNamed = key -> key.keyId().equals(name) || key.keyName().equals(name);
      Optional<AccessKey> found =
          known.stream()
              .filter(isNamed)
              .reduce((one, other) -> one.isValid() ? one : other.isValid() ? other : one);
      List<AccessKey> these =
          found.map(List::of).orElseGet(() -> sessions.stream().filter(isNamed).toList());
      if (these.isEmpty()) {
        throw RecountException.of(
            ErrorCode.KEY_UNKNOWN,
            "Cannot revoke '%s': there is no such key or session; %s'recount key list --all' and"
                + " 'recount key list --sessions' list them",
            name,
            Nearest.hint(name, known.stream().map(AccessKey::keyName).toList()));
      }
      return these;
    }
  }
}
