package dev.recount.serving.openapi;

import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import dev.recount.serving.access.Access;
import io.javalin.Javalin;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The description of the API, at {@code /openapi.json}. People keep it, in {@code openapi.yaml}; a
 * test compares it with the paths that the server has.
 */
public final class OpenApi {
  private static final String FILE = "openapi.yaml";

  private OpenApi() {}

  public static void install(Javalin app) {
    String json = Json.write(read());
    app.get("/openapi.json", context -> context.result(json), Access.KNOWN);
  }

  /** The description; it names every code that an error may have. */
  static Map<String, Object> read() {
    try (InputStream file = OpenApi.class.getResourceAsStream(FILE)) {
      Map<String, Object> description =
          new Yaml(new SafeConstructor(new LoaderOptions())).load(file);
      put(
          Arrays.stream(ErrorCode.values()).map(Enum::name).toList(),
          description,
          "components",
          "schemas",
          "ErrorCode",
          "enum");
      return description;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static void put(Object value, Map<String, Object> into, String... path) {
    Map<String, Object> at = into;
    for (String name : Arrays.copyOf(path, path.length - 1)) {
      at = (Map<String, Object>) at.get(name);
    }
    at.put(path[path.length - 1], value);
  }
}
