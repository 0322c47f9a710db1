package dev.recount.core.catalog;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/**
 * What Recount knows: events, views, pointers, batch runs. One JDBC database, opened once a
 * process; thread-safe. Every method throws {@link RecountException} CATALOG_UNAVAILABLE if the
 * database does not answer.
 */
public final class Catalog implements AutoCloseable {
  static final String GRAIN = "cut.grain-ms";
  static final String LAYOUT = "storage.layout";

  /** How values of views are stored; a migration notes it in a new catalog. */
  static final String CURRENT_LAYOUT = "2";

  private final HikariDataSource source;
  private final Sql sql;

  private Catalog(HikariDataSource source, Sql sql) {
    this.source = source;
    this.sql = sql;
  }

  private static Jdbi jdbi(HikariDataSource source) {
    Jdbi jdbi = Jdbi.create(source);
    for (Class<?> row :
        new Class<?>[] {
          ArchiveCatalog.Folder.class,
          CaseCatalog.Stored.class,
          Erasure.class,
          ViewVersion.class,
          Publication.class,
          FullRunDue.class,
          Heartbeat.class,
          SpeedProgress.class,
          WriterSchema.class,
          Lease.class,
          RunRequest.class,
          ScheduleCatalog.State.class,
          RunRow.class,
          AuditResult.class,
          AccessKey.class,
          DeltaProgress.class
        }) {
      jdbi.registerRowMapper(ConstructorMapper.factory(row));
    }
    return jdbi;
  }

  /**
   * The same catalog for work that goes on when the database was away for a while: each method
   * waits until it answers again. Whatever is asked of it may happen twice.
   *
   * @param most how long a method waits
   */
  public Catalog patient(Duration most) {
    return new Catalog(source, sql.patient(most));
  }

  /**
   * Connects, and brings the tables up to date.
   *
   * @throws RecountException CATALOG_UNAVAILABLE; CONFIG_INVALID if the cut grain was changed, or
   *     where views are stored in another layout than this version's
   */
  public static Catalog open(RecountConfig config) {
    return open(config, config.catalog().url().orElseGet(() -> CatalogServer.url(config)));
  }

  /**
   * Connections that are of no more use. The pool does not know what H2 says of them, and does not
   * test one that was used half a second ago: who asks often would get it again and again.
   */
  private static final class LostConnections implements SQLExceptionOverride {
    @java.lang.Override
    public SQLExceptionOverride.Override adjudicate(SQLException e) {
      return Sql.isAway(e)
          ? SQLExceptionOverride.Override.MUST_EVICT
          : SQLExceptionOverride.Override.CONTINUE_EVICT;
    }
  }

  /** Opens the catalog at another place than the configuration's. */
  static Catalog open(RecountConfig config, String url) {
    HikariConfig pool = new HikariConfig();
    pool.setJdbcUrl(url);
    if (url.startsWith("jdbc:postgresql:")) {
      // What the URL itself says of it goes first.
      pool.addDataSourceProperty("socketTimeout", String.valueOf(CatalogServer.ANSWER.toSeconds()));
    }
    pool.setUsername(config.catalog().user());
    pool.setPassword(CatalogPassword.of(config));
    pool.setMaximumPoolSize(8);
    pool.setMinimumIdle(1);
    pool.setConnectionTimeout(Duration.ofSeconds(5).toMillis());
    pool.setPoolName("catalog");
    pool.setExceptionOverride(new LostConnections());
    HikariDataSource source = null;
    try {
      source = new HikariDataSource(pool);
      Migrations.apply(source);
      Catalog catalog = new Catalog(source, new Sql(jdbi(source)));
      catalog.requireLayout(config);
      catalog.fixGrain(config.cut().grain());
      return catalog;
    } catch (RecountException e) {
      source.close();
      throw e;
    } catch (RuntimeException e) {
      if (source != null) {
        source.close();
      }
      throw RecountException.of(
          ErrorCode.CATALOG_UNAVAILABLE,
          e,
          "Cannot open the catalog of the home '%s' at '%s': %s; is the stack up? (recount up, recount"
              + " status)",
          config.home().path(),
          url,
          rootMessage(e));
    }
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage();
  }

  private void requireLayout(RecountConfig config) {
    String found = setting(LAYOUT).orElseThrow();
    if (!found.equals(CURRENT_LAYOUT)) {
      throw RecountException.of(
          ErrorCode.CONFIG_INVALID,
          "Cannot use the home '%s': its views are stored in layout %s, this version of "
              + "Recount has layout %s; start a new home (--home DIR), apply and ingest there, "
              + "or keep using the version that made this one",
          config.home().path(),
          found,
          CURRENT_LAYOUT);
    }
  }

  /** The grain is part of every row of the speed layer, so it is fixed by the first process. */
  private void fixGrain(Duration grain) {
    if (setting(GRAIN).isEmpty()) {
      addSetting(GRAIN, String.valueOf(grain.toMillis()));
    }
    Optional<String> fixed = setting(GRAIN);
    if (Long.parseLong(fixed.get()) != grain.toMillis()) {
      throw RecountException.of(
          ErrorCode.CONFIG_INVALID,
          "Cannot use cut.grain = %s: this catalog was made with %s; set it back, or "
              + "start a new home",
          grain,
          Duration.ofMillis(Long.parseLong(fixed.get())));
    }
  }

  public Optional<String> setting(String name) {
    return sql.first(
        String.class,
        "SELECT setting_value FROM setting WHERE setting_name = :name",
        Map.of("name", name));
  }

  /** Sets a value if it is not set yet; two processes may try at the same time. */
  private void addSetting(String name, String value) {
    try {
      sql.update(
          "INSERT INTO setting VALUES (:name, :value)", Map.of("name", name, "value", value));
    } catch (RecountException e) {
      if (setting(name).isEmpty()) {
        throw e;
      }
    }
  }

  /** Sets a value once or over. */
  public void putSetting(String name, String value) {
    Map<String, ?> values = Map.of("name", name, "value", value);
    sql.together(
        s -> {
          s.update("DELETE FROM setting WHERE setting_name = :name", values);
          s.update("INSERT INTO setting VALUES (:name, :value)", values);
        });
  }

  /** The database, for a library that keeps tables of its own in it; closed with this object. */
  public DataSource dataSource() {
    return source;
  }

  /** For tests that set back what the database noted. */
  Sql sql() {
    return sql;
  }

  public EventCatalog events() {
    return new EventCatalog(sql);
  }

  public ViewCatalog views() {
    return new ViewCatalog(sql);
  }

  public CaseCatalog cases() {
    return new CaseCatalog(sql);
  }

  public BatchCatalog batch() {
    return new BatchCatalog(sql);
  }

  public LeaseCatalog leases() {
    return new LeaseCatalog(sql);
  }

  public RunCatalog runs() {
    return new RunCatalog(sql);
  }

  public RequestCatalog requests() {
    return new RequestCatalog(sql);
  }

  public ScheduleCatalog schedules() {
    return new ScheduleCatalog(sql);
  }

  public ArchiveCatalog archive() {
    return new ArchiveCatalog(sql);
  }

  public AuditCatalog audits() {
    return new AuditCatalog(sql);
  }

  public KeyCatalog keys() {
    return new KeyCatalog(sql);
  }

  public ServiceCatalog services() {
    return new ServiceCatalog(sql);
  }

  @Override
  public void close() {
    source.close();
  }
}
