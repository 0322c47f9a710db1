package dev.recount.serving.protocol;

import dev.recount.core.Json;
import dev.recount.core.UnknownName;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.access.Access;
import dev.recount.serving.access.AuditLog;
import dev.recount.serving.access.Caller;
import dev.recount.serving.gateway.Asker;
import dev.recount.serving.gateway.Gateway;
import dev.recount.serving.request.RequestFacts;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The paths of a Pinot: {@code /query/sql} of its broker, and those of its controller that clients
 * ask for tables, schemas and brokers. A query that fails is answered with status 200 and an
 * exception, never with rows beside it: Pinot's clients read nothing else.
 */
public final class PinotApi {
  private static final Logger LOG = LoggerFactory.getLogger(PinotApi.class);
  private static final String JSON = "application/json; charset=utf-8";
  private static final String IS_COMPLETE = "Recount-Complete";
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;

  private final Catalog catalog;
  private final PinotQueries queries;
  private final Clock clock;
  private final Function<Context, Asker> askers;

  /**
   * @param askers who asks, of a request
   */
  public PinotApi(Catalog catalog, Gateway gateway, Clock clock, Function<Context, Asker> askers) {
    this.catalog = catalog;
    this.queries = new PinotQueries(gateway, clock);
    this.clock = clock;
    this.askers = askers;
  }

  /** Adds the paths. */
  public void install(Javalin app) {
    for (String path : List.of("/query/sql", "/query", "/sql")) {
      app.post(path, c -> query(c, PinotRequest::ofBody), Access.READ);
      app.get(path, c -> query(c, PinotRequest::ofUrl), Access.READ);
    }
    app.get("/health", c -> c.contentType("text/plain").result("OK"), Access.OPEN);
    app.get("/version", listed(c -> Map.of("recount", version())), Access.KNOWN);
    app.get("/databases", listed(c -> List.of("default")), Access.KNOWN);
    app.get("/tenants", listed(c -> tenants()), Access.KNOWN);
    app.get("/tables", listed(c -> Map.of("tables", views(c))), Access.KNOWN);
    app.get("/schemas", listed(this::views), Access.KNOWN);
    app.get("/tables/livebrokers", listed(this::tableBrokers), Access.KNOWN);
    app.get(
        "/tables/{table}", listed(c -> PinotTables.configuration(view(c).plan())), Access.KNOWN);
    app.get(
        "/tables/{table}/schema", listed(c -> PinotTables.schema(view(c).plan())), Access.KNOWN);
    app.get("/schemas/{table}", listed(c -> PinotTables.schema(view(c).plan())), Access.KNOWN);
    app.get(
        "/tables/{table}/livebrokers", listed(c -> ofTable(c, List.of(broker(c)))), Access.KNOWN);
    brokers(app);
  }

  private void brokers(Javalin app) {
    app.get("/brokers", listed(c -> all(tenantNames(c), tableNames(c))), Access.KNOWN);
    app.get("/brokers/tenants", listed(PinotApi::tenantNames), Access.KNOWN);
    app.get("/brokers/tenants/{tenant}", listed(c -> ofTenant(c, List.of(name(c)))), Access.KNOWN);
    app.get("/brokers/tables", listed(this::tableNames), Access.KNOWN);
    app.get("/brokers/tables/{table}", listed(c -> ofTable(c, List.of(name(c)))), Access.KNOWN);
    app.get("/v2/brokers", listed(c -> all(tenantBrokers(c), tableBrokers(c))), Access.KNOWN);
    app.get("/v2/brokers/tenants", listed(PinotApi::tenantBrokers), Access.KNOWN);
    app.get(
        "/v2/brokers/tenants/{tenant}", listed(c -> ofTenant(c, List.of(broker(c)))), Access.KNOWN);
    app.get("/v2/brokers/tables", listed(this::tableBrokers), Access.KNOWN);
    app.get(
        "/v2/brokers/tables/{table}", listed(c -> ofTable(c, List.of(broker(c)))), Access.KNOWN);
  }

  private static Map<String, Object> all(Object tenants, Object tables) {
    return Map.of("tenants", tenants, "tables", tables);
  }

  private static Map<String, Object> broker(Context context) {
    return Address.of(context).broker();
  }

  private static String name(Context context) {
    return Address.of(context).instance();
  }

  private static Map<String, Object> tenants() {
    return Map.of(
        "SERVER_TENANTS", List.of(PinotTables.TENANT),
        "BROKER_TENANTS", List.of(PinotTables.TENANT));
  }

  private static Map<String, Object> tenantNames(Context context) {
    return Map.of(PinotTables.TENANT, List.of(name(context)));
  }

  private static Map<String, Object> tenantBrokers(Context context) {
    return Map.of(PinotTables.TENANT, List.of(broker(context)));
  }

  private Map<String, Object> tableNames(Context context) {
    return ofEach(context, List.of(name(context)));
  }

  private Map<String, Object> tableBrokers(Context context) {
    return ofEach(context, List.of(broker(context)));
  }

  private Map<String, Object> ofEach(Context context, Object value) {
    return views(context).stream()
        .collect(Collectors.toMap(view -> view, view -> value, (a, b) -> a, LinkedHashMap::new));
  }

  private static Object ofTenant(Context context, Object value) {
    String tenant = context.pathParam("tenant");
    if (!tenant.equals(PinotTables.TENANT)) {
      throw RecountException.of(
          ErrorCode.NOT_FOUND,
          "Cannot find the tenant '%s': there is one, %s",
          tenant,
          PinotTables.TENANT);
    }
    return value;
  }

  private Object ofTable(Context context, Object value) {
    view(context);
    return value;
  }

  /** The views that this one may read. */
  private List<String> views(Context context) {
    Asker asker = askers.apply(context);
    return catalog.views().active().stream()
        .map(ViewVersion::viewName)
        .filter(view -> mayRead(asker, view))
        .toList();
  }

  private static boolean mayRead(Asker asker, String view) {
    try {
      asker.requireMayRead(view);
      return true;
    } catch (RecountException e) {
      return false;
    }
  }

  private ViewVersion view(Context context) {
    String name = PinotTables.view(context.pathParam("table"));
    // Before it is looked for: whether there is such a view is not for everybody.
    askers.apply(context).requireMayRead(name.replaceFirst("@.*", ""));
    return catalog
        .views()
        .named(name)
        .orElseThrow(() -> UnknownName.view(name, catalog.views().namesLike(name)));
  }

  private static String version() {
    String version = PinotApi.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  private void query(Context context, Function<Context, PinotRequest> requests) {
    long begin = clock.millis();
    Map<String, Object> body;
    try {
      PinotQueries.Answered answered =
          queries.answer(requests.apply(context), askers.apply(context));
      body = PinotBody.of(answered.values(), answered.provenance(), clock.millis() - begin);
      if (answered.provenance() != null) {
        context.header(IS_COMPLETE, String.valueOf(answered.provenance().complete()));
      }
    } catch (RecountException e) {
      noteFailure(context, e);
      body = PinotBody.of(Caller.shown(e, context), clock.millis() - begin);
    } catch (RuntimeException | Error e) {
      body = PinotBody.of(unexpected(context, e), clock.millis() - begin);
    }
    write(context, body);
  }

  private static RecountException unexpected(Context context, Throwable e) {
    LOG.error("{} {} failed unexpectedly", context.method(), context.path(), e);
    return e instanceof OutOfMemoryError
        ? new RecountException(
            ErrorCode.MEMORY_EXHAUSTED,
            "Cannot answer the query: it needs more memory than the process has; ask for less at a"
                + " time",
            e)
        : new RecountException(
            ErrorCode.INTERNAL,
            "Cannot answer the query: an unexpected error; the serving log has the reason",
            e);
  }

  /** Straight into the response: a large answer is not held as text too. */
  private static void write(Context context, Object body) {
    context.contentType(JSON);
    try {
      Json.MAPPER.writeValue(context.outputStream(), body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Handler listed(Function<Context, Object> answer) {
    return context -> {
      try {
        write(context, answer.apply(context));
      } catch (RecountException e) {
        refuse(context, e);
      } catch (Error e) {
        refuse(context, unexpected(context, e));
      }
    };
  }

  /** The status does not say it: many a refusal is answered with 200. */
  private static void noteFailure(Context context, RecountException problem) {
    AuditLog.failed(context, problem.code());
    RequestFacts.code(context.req(), problem.code());
  }

  private static void refuse(Context context, RecountException found) {
    RecountException problem = Caller.shown(found, context);
    noteFailure(context, problem);
    boolean isUnknown =
        problem.code() == ErrorCode.VIEW_UNKNOWN || problem.code() == ErrorCode.NOT_FOUND;
    int status =
        isUnknown
            ? NOT_FOUND
            : problem.code() == ErrorCode.FORBIDDEN
                ? FORBIDDEN
                : problem.code().kind().httpStatus();
    context.status(status);
    write(context, Map.of("code", status, "error", problem.code() + ": " + problem.getMessage()));
  }
}
