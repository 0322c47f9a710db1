package dev.recount.infra.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.recount.core.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/** The server's own description of its API: its examples, and what answers to look like. */
final class ApiDescription {
  private static final String NAME = "urn:recount:api";
  private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");

  private final JsonNode description;
  private final JsonSchemaFactory schemas;

  /**
   * @param json of {@code /openapi.json}
   */
  ApiDescription(String json) {
    this.description = Json.read(json, JsonNode.class);
    this.schemas =
        JsonSchemaFactory.getInstance(
            SpecVersion.VersionFlag.V202012,
            factory -> factory.schemaLoaders(loaders -> loaders.schemas(Map.of(NAME, json))));
  }

  /**
   * One way to ask.
   *
   * @param path with what stands in braces
   */
  record Operation(String path, String method, JsonNode said) {
    /** Why there is no example; empty if there is one. */
    String noExample() {
      return said.path("x-no-example").asText();
    }

    @Override
    public String toString() {
      return method.toUpperCase(java.util.Locale.ROOT) + " " + path;
    }
  }

  List<Operation> operations() {
    List<Operation> operations = new ArrayList<>();
    description
        .path("paths")
        .fields()
        .forEachRemaining(
            path ->
                path.getValue()
                    .fields()
                    .forEachRemaining(
                        one -> {
                          if (METHODS.contains(one.getKey())) {
                            operations.add(
                                new Operation(path.getKey(), one.getKey(), one.getValue()));
                          }
                        }));
    return operations;
  }

  /** The operation that a request is one of. */
  Operation operation(String method, String path) {
    return operations().stream()
        .filter(o -> o.method().equalsIgnoreCase(method))
        .filter(o -> path.matches(o.path().replaceAll("\\{\\w+}", "[^/]+")))
        .findFirst()
        .orElseThrow(() -> new AssertionError("Not described: " + method + " " + path));
  }

  /**
   * The path of the example, with its parameters.
   *
   * @param other a value of another answer, by its path and pointer
   */
  String example(Operation operation, BiFunction<String, String, String> other) {
    String path = operation.path();
    List<String> query = new ArrayList<>();
    for (JsonNode one : operation.said().path("parameters")) {
      JsonNode parameter = resolved(one);
      JsonNode from = parameter.path("x-example-from");
      String value =
          from.isObject()
              ? other.apply(from.path("path").asText(), from.path("pointer").asText())
              : parameter.path("example").asText();
      String name = parameter.path("name").asText();
      if (parameter.path("in").asText().equals("path")) {
        path = path.replace("{" + name + "}", encoded(value));
      } else if (parameter.has("example")) {
        query.add(name + "=" + encoded(value));
      }
    }
    return query.isEmpty() ? path : path + "?" + String.join("&", query);
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** The body of the example; empty if it has none. */
  static String body(Operation operation) {
    JsonNode example = operation.said().at("/requestBody/content/application~1json/example");
    return example.isMissingNode() ? "" : example.toString();
  }

  private JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? description.at(node.path("$ref").asText().substring(1)) : node;
  }

  /** What of an answer is not as it is described. */
  List<String> differences(Operation operation, int status, String contentType, String answer) {
    String pointer = pointer(operation, status);
    JsonNode response = description.at(pointer);
    if (response.isMissingNode()) {
      return List.of("status " + status + " is not described");
    }
    if (response.has("$ref")) {
      pointer = response.path("$ref").asText().substring(1);
      response = description.at(pointer);
    }
    if (!response.has("content")) {
      return List.of();
    }
    String type = contentType.replaceFirst(";.*", "").strip();
    if (!response.path("content").has(type)) {
      return List.of("its type " + type + " is not described");
    }
    String schema = pointer + "/content/" + type.replace("/", "~1") + "/schema";
    JsonNode value =
        type.equals("application/json")
            ? Json.read(answer, JsonNode.class)
            : Json.MAPPER.getNodeFactory().textNode(answer);
    return schema(schema).validate(value).stream().map(ValidationMessage::getMessage).toList();
  }

  /** What of an error is not as it is described. */
  List<String> errorDifferences(Operation operation, String answer) {
    String said =
        resolved(operation.said().at("/responses/default"))
            .at("/content/application~1json/schema/$ref")
            .asText();
    return schema(said.substring(1)).validate(Json.read(answer, JsonNode.class)).stream()
        .map(ValidationMessage::getMessage)
        .toList();
  }

  private static String pointer(Operation operation, int status) {
    return "/paths/"
        + operation.path().replace("~", "~0").replace("/", "~1")
        + "/"
        + operation.method()
        + "/responses/"
        + status;
  }

  private JsonSchema schema(String pointer) {
    return schemas.getSchema(SchemaLocation.of(NAME + "#" + pointer));
  }
}
