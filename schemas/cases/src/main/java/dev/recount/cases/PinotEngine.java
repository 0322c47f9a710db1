package dev.recount.cases;

import dev.recount.core.view.StoredColumn;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;

/**
 * Pinot's own query engine in this process, loaded with the class path of the Pinot servers: its
 * libraries and those of Spark are of other versions. Thread-safe.
 */
final class PinotEngine {
  private static final String ENGINE = "dev.recount.infra.pinot.RowsInMemory";
  private static final Path MODULE = Path.of("infra", "pinot", "target");

  private static final String FIRST_TABLE =
      """
      {"schemaName": "first", "metricFieldSpecs": [{"name": "n", "dataType": "LONG"}],
       "dateTimeFieldSpecs": [{"name": "_arrived", "dataType": "LONG",
         "format": "1:MILLISECONDS:EPOCH", "granularity": "1:MILLISECONDS"}]}""";

  private final ClassLoader loader;
  private final Class<?> type;
  private final Method ask;

  private PinotEngine(ClassLoader loader) throws ReflectiveOperationException {
    this.loader = loader;
    this.type = loader.loadClass(ENGINE);
    this.ask = type.getMethod("ask", List.class, List.class, String.class);
  }

  /** Loads it from the checkout, and has it answer once, which takes most of the time. */
  static PinotEngine load() {
    Path root = Path.of(System.getProperty("recount.root"));
    keepOwnLog();
    try {
      PinotEngine engine =
          new PinotEngine(
              new URLClassLoader(
                  "pinot", classPath(root.resolve(MODULE)), ClassLoader.getPlatformClassLoader()));
      engine
          .table(FIRST_TABLE)
          .ask(
              List.of(Map.of("n", 1L, StoredColumn.ARRIVED, 0L)),
              List.of(),
              "SELECT n, SUM(n) FROM first GROUP BY n LIMIT 1");
      return engine;
    } catch (IOException | ReflectiveOperationException e) {
      throw RecountException.of(
          ErrorCode.INTERNAL,
          e,
          "Cannot load Pinot's query engine from '%s': %s; build the checkout (mvn package)",
          root.resolve(MODULE),
          e);
    }
  }

  /** The provider of a command's log is found once, and is not on Pinot's class path. */
  private static void keepOwnLog() {
    LoggerFactory.getILoggerFactory();
    System.clearProperty("slf4j.provider");
  }

  private static URL[] classPath(Path target) throws IOException {
    List<URL> urls = new ArrayList<>();
    urls.add(url(target.resolve("classes")));
    for (String part :
        Files.readString(target.resolve("recount.libraries")).strip().split(File.pathSeparator)) {
      urls.add(url(Path.of(part)));
    }
    return urls.toArray(URL[]::new);
  }

  private static URL url(Path part) throws MalformedURLException {
    return part.toUri().toURL();
  }

  /** A table with Pinot's schema. */
  Table table(String schemaJson) {
    return new Table(
        within(
            () ->
                type.getConstructor(String.class, Clock.class)
                    .newInstance(schemaJson, Clock.systemUTC())));
  }

  /** A table without rows of its own. */
  final class Table {
    private final Object table;

    private Table(Object table) {
      this.table = table;
    }

    /** What a broker answers, as JSON. */
    String ask(List<Map<String, Object>> batch, List<String> speed, String sql) {
      return (String) within(() -> ask.invoke(table, batch, speed, sql));
    }
  }

  private interface Work {
    Object run() throws ReflectiveOperationException;
  }

  /** Pinot looks for its functions by the thread's class loader. */
  private Object within(Work work) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      return work.run();
    } catch (InvocationTargetException e) {
      throw RecountException.of(
          ErrorCode.QUERY_FAILED,
          e.getCause(),
          "Cannot answer the query: Pinot's engine failed: %s",
          e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
