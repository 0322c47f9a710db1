package dev.recount.serving.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.config.RecountConfig;
import dev.recount.serving.http.HttpApi;
import io.javalin.Javalin;
import io.javalin.http.HandlerType;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The description names each path of the server, and no other. */
class OpenApiTest {
  private static final List<String> METHODS = List.of("get", "post", "put", "patch", "delete");

  @TempDir private Path home;

  @SuppressWarnings("unchecked")
  private static Map<String, Map<String, Object>> paths() {
    return (Map<String, Map<String, Object>>) OpenApi.read().get("paths");
  }

  @Test
  void description_namesThePathsOfTheServer_andNoOther() {
    Javalin server =
        new HttpApi(RecountConfig.load(home), null, null, null, null, Clock.systemUTC()).listen(0);
    try {
      List<String> routes =
          Arrays.stream(HandlerType.values())
              .filter(HandlerType::isHttpMethod)
              .flatMap(
                  type ->
                      server
                          .unsafeConfig()
                          .pvt
                          .internalRouter
                          .findHttpHandlerEntries(type, null)
                          .map(entry -> type.name() + " " + entry.getEndpoint().getPath()))
              .toList();
      List<String> described = new ArrayList<>();
      paths()
          .forEach(
              (path, operations) ->
                  operations.keySet().stream()
                      .filter(METHODS::contains)
                      .forEach(m -> described.add(m.toUpperCase(Locale.ROOT) + " " + path)));
      assertThat(described)
          .as(
              "The paths of the server are the expected ones. Add what is missing to"
                  + " serving/src/main/resources/dev/recount/serving/openapi/openapi.yaml (its head"
                  + " says how), and remove there what is gone")
          .containsExactlyInAnyOrderElementsOf(routes);
    } finally {
      server.stop();
    }
  }

  @Test
  void operations_haveNamesOfTheirOwn() {
    List<Object> names =
        paths().values().stream()
            .flatMap(
                operations ->
                    operations.entrySet().stream()
                        .filter(operation -> METHODS.contains(operation.getKey()))
                        .map(operation -> ((Map<?, ?>) operation.getValue()).get("operationId")))
            .map(Object.class::cast)
            .toList();
    assertThat(names).doesNotContainNull().doesNotHaveDuplicates();
  }
}
