package dev.recount.serving.gateway;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.pinot.PinotRouting;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Pinot's own HTTP interfaces, asked without the gateway. */
final class PinotRest {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration POLL = Duration.ofMillis(100);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final RecountConfig.Pinot pinot;

  PinotRest(RecountConfig.Pinot pinot) {
    this.pinot = pinot;
  }

  PinotRouting routing() {
    return new PinotRouting(pinot);
  }

  JsonNode post(String path, String body) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(pinot.controller() + path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  JsonNode get(String path) {
    try {
      return send(HttpRequest.newBuilder(URI.create(pinot.controller() + path)).build());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  void delete(String path) throws Exception {
    send(HttpRequest.newBuilder(URI.create(pinot.controller() + path)).DELETE().build());
  }

  /** Asks the broker without the gateway. */
  JsonNode broker(String sql) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(pinot.broker() + "/query/sql"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(Json.write(Map.of("sql", sql))))
            .build());
  }

  /** The rows of the broker's own answer; none if it has no table of results. */
  List<List<Object>> ownRows(String sql) throws Exception {
    JsonNode rows = broker(sql).path("resultTable").path("rows");
    return rows.isMissingNode()
        ? List.of()
        : Json.MAPPER.convertValue(rows, new TypeReference<List<List<Object>>>() {});
  }

  /**
   * Has the controller build a segment of rows and take it in.
   *
   * @param rows a JSON object a line
   */
  void upload(ViewPlan plan, String segment, String rows) throws Exception {
    String options =
        Json.write(
            Map.of(
                "inputFormat", "json",
                "segmentNameGenerator.type", "fixed",
                "segmentNameGenerator.configs.segment.name", segment));
    String boundary = "recount-test-boundary";
    String body =
        "--"
            + boundary
            + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"rows.json\"\r\n"
            + "Content-Type: application/octet-stream\r\n\r\n"
            + rows
            + "\r\n--"
            + boundary
            + "--\r\n";
    send(
        HttpRequest.newBuilder(
                URI.create(
                    pinot.controller()
                        + "/ingestFromFile?tableNameWithType="
                        + plan.table()
                        + "_OFFLINE&batchConfigMapStr="
                        + URLEncoder.encode(options, StandardCharsets.UTF_8)))
            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  /** Waits until the segments of a batch run can be queried. */
  void awaitOnline(ViewPlan plan, List<String> segments) {
    Deadline.after(PATIENCE)
        .require(
            "the segments of " + plan.table(),
            POLL,
            () -> {
              JsonNode view =
                  get("/tables/" + plan.table() + "/externalview?tableType=offline")
                      .path("OFFLINE");
              return segments.stream().allMatch(s -> view.path(s).toString().contains("ONLINE"));
            });
  }

  /** Tells the cluster what state a batch segment should be in: ONLINE or OFFLINE. */
  void setState(ViewPlan plan, String segment, String state) throws Exception {
    String path = "/recount/IDEALSTATES/" + plan.table() + "_OFFLINE";
    ObjectNode ideal = (ObjectNode) get("/zk/get?path=" + path);
    ObjectNode servers = (ObjectNode) ideal.path("mapFields").path(segment);
    servers.fieldNames().forEachRemaining(server -> servers.put(server, state));
    send(
        HttpRequest.newBuilder(
                URI.create(
                    pinot.controller()
                        + "/zk/put?expectedVersion=-1&accessOption=1&path="
                        + path
                        + "&data="
                        + URLEncoder.encode(Json.write(ideal), StandardCharsets.UTF_8)))
            .PUT(HttpRequest.BodyPublishers.noBody())
            .build());
    Deadline.after(PATIENCE)
        .require(segment + " to be " + state, POLL, () -> stateOf(plan, segment).equals(state));
  }

  /** What state a batch segment is in on its server. */
  String stateOf(ViewPlan plan, String segment) {
    JsonNode servers =
        get("/tables/" + plan.table() + "/externalview?tableType=offline")
            .path("OFFLINE")
            .path(segment);
    return servers.isEmpty() ? "" : servers.iterator().next().asText();
  }

  private JsonNode send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(request.uri() + ": " + response.statusCode() + " " + response.body());
    }
    return Json.MAPPER.readTree(response.body());
  }
}
