package dev.recount.infra.clients.pinot;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.infra.clients.http.JsonService;
import dev.recount.infra.clients.http.JsonService.Answer;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Pinot's controller: tables, and the segments that they consist of. Every method throws
 * PINOT_UNAVAILABLE if it does not do what is asked. Thread-safe.
 */
public final class PinotController {
  private static final Duration RENEWAL = Duration.ofSeconds(90);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration DROPPED = Duration.ofSeconds(90);
  private static final String REALTIME = "REALTIME";
  private static final String OFFLINE = "OFFLINE";
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;

  private final JsonService http;
  private final Duration patience;

  /**
   * @param patience how long an answer may take
   */
  public PinotController(RecountConfig config, Duration patience) {
    this(config, patience, Duration.ZERO);
  }

  /**
   * @param patience how long an answer may take
   * @param away how long to wait for a controller that is away
   */
  public PinotController(RecountConfig config, Duration patience, Duration away) {
    this.patience = patience;
    this.http =
        new JsonService(
            "Pinot", config.pinot().controller(), patience, away, ErrorCode.PINOT_UNAVAILABLE);
  }

  /** Adds a schema; false if there is one of its name. */
  public boolean makeSchema(String name, String json) {
    if (http.get("/schemas/" + name).isOk()) {
      return false;
    }
    http.require("create the schema '" + name + "'", http.post("/schemas", json));
    return true;
  }

  /** Adds a table; false if there is one of its name and type. */
  public boolean makeTable(String name, String type, String json) {
    Answer found = http.get("/tables/" + name + "?type=" + type);
    if (found.isOk() && http.read(found).has(type)) {
      return false;
    }
    Answer made = http.post("/tables", json);
    if (made.status() != CONFLICT) {
      http.require("create the table '" + name + "_" + type + "'", made);
    }
    return made.isOk();
  }

  /**
   * Gives a table that is there other settings, and has its segments follow them; consuming ones by
   * beginning new ones, so that queries are answered all the while.
   */
  public void changeTable(String name, String type, String json) {
    String table = name + "_" + type;
    http.require("change the table '" + table + "'", http.put("/tables/" + table, json));
    if (type.equals(REALTIME)) {
      renewConsuming(name);
    }
    Answer reload = http.post("/segments/" + name + "/reload?type=" + type, "");
    if (reload.status() != NOT_FOUND) {
      http.require("reload the table '" + table + "'", reload);
    }
  }

  /** Ends the consuming segments, which know only the old settings, and begins new ones. */
  private void renewConsuming(String name) {
    Set<String> before = realtime(name, "CONSUMING");
    http.require(
        "renew the segments of '" + name + "'",
        http.post("/tables/" + name + "_REALTIME/forceCommit", ""));
    Deadline.after(RENEWAL)
        .require(
            "Pinot to renew the consuming segments of '" + name + "'",
            POLL,
            () -> isRenewed(name, before));
  }

  /**
   * Whether the segments have ended. Pinot 0.11 cannot load what has ended without a record, and
   * says ERROR of it for good; such a one is deleted.
   */
  private boolean isRenewed(String name, Set<String> segments) {
    Set<String> left = new TreeSet<>(segments);
    left.removeAll(realtime(name, "ONLINE"));
    Set<String> empty = realtime(name, "ERROR");
    empty.retainAll(left);
    empty.removeIf(
        segment -> !metadata(name, segment).filter(PinotController::endedEmpty).isPresent());
    deleteRealtime(name, empty);
    left.removeAll(empty);
    left.removeIf(segment -> metadata(name, segment).isEmpty());
    return left.isEmpty();
  }

  private static boolean endedEmpty(JsonNode metadata) {
    return metadata.path("segment.realtime.status").asText().equals("DONE")
        && metadata.path("segment.total.docs").asLong(-1) == 0;
  }

  /** Empty of a segment of the REALTIME side that is gone. */
  private Optional<JsonNode> metadata(String table, String segment) {
    return http.find("/segments/" + table + "_REALTIME/" + segment + "/metadata", patience);
  }

  /** The REALTIME segments that servers say are in a state. */
  private Set<String> realtime(String name, String state) {
    return reportedStates(name, REALTIME).entrySet().stream()
        .filter(segment -> segment.getValue().contains(state))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /**
   * Deletes both sides of a table with all their segments, and its schema; returns when no server
   * holds any of it. What is gone already stays gone.
   */
  public void dropTable(String name) {
    for (String type : List.of(REALTIME, OFFLINE)) {
      Answer dropped = http.delete("/tables/" + name + "?type=" + type + "&retention=0d");
      if (dropped.status() != NOT_FOUND) {
        http.require("delete the table '" + name + "_" + type + "'", dropped);
      }
    }
    Deadline.after(DROPPED)
        .require(
            "Pinot's servers to let go of the table '" + name + "'",
            POLL,
            () -> isLetGo(http.get("/tables/" + name + "/externalview")));
    Answer dropped = http.delete("/schemas/" + name);
    if (dropped.status() != NOT_FOUND) {
      http.require("delete the schema '" + name + "'", dropped);
    }
  }

  private boolean isLetGo(Answer view) {
    return view.status() == NOT_FOUND
        || view.isOk()
            && http.read(view).path(OFFLINE).isEmpty()
            && http.read(view).path(REALTIME).isEmpty();
  }

  public boolean hasOfflineTable(String table) {
    return get("look for the table '" + table + "'", "/tables/" + table + "?type=offline")
        .has(OFFLINE);
  }

  /** Segments that queries see: not those that were replaced or are not yet swapped in. */
  public List<String> servedSegments(String table) {
    return segments(table, "&excludeReplacedSegments=true");
  }

  /** All segments of the OFFLINE side. */
  public List<String> allSegments(String table) {
    return segments(table, "");
  }

  private List<String> segments(String table, String option) {
    return segments(table, OFFLINE, option);
  }

  private List<String> segments(String table, String type, String option) {
    List<String> names = new ArrayList<>();
    get("list the segments of '" + table + "'", "/segments/" + table + "?type=" + type + option)
        .forEach(side -> side.path(type).forEach(name -> names.add(name.asText())));
    return names;
  }

  /**
   * The segments of the REALTIME side, by partition, each in order. One whose deletion was
   * interrupted is among them.
   */
  public Map<Integer, List<RealtimeSegment>> realtimeSegments(String table) {
    return segments(table, REALTIME, "").stream()
        .flatMap(name -> RealtimeSegment.named(name).stream())
        .sorted(Comparator.comparingInt(RealtimeSegment::sequence))
        .collect(
            Collectors.groupingBy(RealtimeSegment::partition, TreeMap::new, Collectors.toList()));
  }

  /**
   * What Pinot knows of a REALTIME segment; empty if it is gone.
   *
   * @param reported the states of the side's segments; see {@link #reportedStates}
   */
  public Optional<RealtimeSegment.State> state(
      String table, RealtimeSegment segment, Map<String, Set<String>> reported) {
    return metadata(table, segment.name())
        .map(
            metadata ->
                RealtimeSegment.State.of(
                    metadata, reported.getOrDefault(segment.name(), Set.of())));
  }

  /** Completes the consuming segments of a REALTIME side, and returns when new ones consume. */
  public void completeConsuming(String table) {
    renewConsuming(table);
  }

  /** Deletes segments of the REALTIME side, for good; queries do not see them from then on. */
  public void deleteRealtime(String table, Collection<String> names) {
    delete(table + "_REALTIME", table, names);
  }

  /** Swaps that were begun and neither ended nor reverted. */
  public List<String> unfinishedSwaps(String table) {
    return get("list the swaps of '" + table + "'", "/segments/" + table + "/lineage?type=OFFLINE")
        .path("lineageEntries")
        .properties()
        .stream()
        .filter(swap -> swap.getValue().path("state").asText().equals("IN_PROGRESS"))
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * @return the swap's id
   */
  public String startSwap(String table, List<String> from, List<String> to) {
    return post(
            "begin a swap of '" + table + "'",
            "/segments/" + table + "/startReplaceSegments?type=OFFLINE&forceCleanup=true",
            Map.of("segmentsFrom", from, "segmentsTo", to))
        .path("segmentLineageEntryId")
        .asText();
  }

  public void endSwap(String table, String id) {
    post(
        "end the swap of '" + table + "'",
        "/segments/" + table + "/endReplaceSegments?type=OFFLINE&segmentLineageEntryId=" + id,
        Map.of());
  }

  public void revertSwap(String table, String id) {
    post(
        "take back the swap of '" + table + "'",
        "/segments/%s/revertReplaceSegments?type=OFFLINE&forceRevert=true&segmentLineageEntryId=%s"
            .formatted(table, id),
        Map.of());
  }

  public void deleteSegments(String table, Collection<String> names) {
    delete(table + "_OFFLINE", table, names);
  }

  private void delete(String side, String table, Collection<String> names) {
    if (!names.isEmpty()) {
      post(
          "delete segments of '" + table + "'",
          "/segments/" + side + "/delete?retention=0d",
          names);
    }
  }

  /** For each segment of one side, the states of its copies as the servers report them. */
  public Map<String, Set<String>> reportedStates(String table, String type) {
    Map<String, Set<String>> states = new TreeMap<>();
    get(
            "read the segments of '" + table + "'",
            "/tables/" + table + "/externalview?tableType=" + type)
        .path(type)
        .properties()
        .forEach(
            segment -> {
              Set<String> copies = new TreeSet<>();
              segment.getValue().forEach(state -> copies.add(state.asText()));
              states.put(segment.getKey(), copies);
            });
    return states;
  }

  /** For each partition, the position of the next record that a REALTIME side will ingest. */
  public Map<Integer, Long> consumed(String table) {
    return consumed(
        get(
            "read what '" + table + "' has ingested",
            "/tables/" + table + "/consumingSegmentsInfo"));
  }

  /**
   * The same, from what Pinot says of consuming segments; the least of all copies counts. A segment
   * that consumes no more counts only until there is a newer one of its partition: Pinot goes on
   * listing one that was completed without a record.
   */
  public static Map<Integer, Long> consumed(JsonNode consumingSegments) {
    Map<String, JsonNode> copies = new TreeMap<>();
    Map<Integer, Integer> newest = new HashMap<>();
    for (Map.Entry<String, JsonNode> segment :
        consumingSegments.path("_segmentToConsumingInfoMap").properties()) {
      copies.put(segment.getKey(), segment.getValue());
      RealtimeSegment.named(segment.getKey())
          .ifPresent(s -> newest.merge(s.partition(), s.sequence(), Math::max));
    }
    Map<Integer, Long> consumed = new HashMap<>();
    copies.forEach(
        (name, replicas) -> {
          boolean isNewest =
              RealtimeSegment.named(name)
                  .filter(s -> s.sequence() < newest.get(s.partition()))
                  .isEmpty();
          for (JsonNode replica : replicas) {
            if (isNewest || !replica.path("consumerState").asText().equals("NOT_CONSUMING")) {
              replica
                  .path("partitionToOffsetMap")
                  .properties()
                  .forEach(
                      offset ->
                          consumed.merge(
                              Integer.valueOf(offset.getKey()),
                              offset.getValue().asLong(),
                              Math::min));
            }
          }
        });
    return consumed;
  }

  /**
   * Hands a segment over.
   *
   * @param bytes length of its archive file
   */
  public void upload(String table, String segment, long bytes, Supplier<InputStream> content) {
    String boundary = "recount-" + UUID.randomUUID();
    BodyPublisher body =
        BodyPublishers.concat(
            BodyPublishers.ofString(
                """
                --%s\r
                Content-Disposition: form-data; name="segment"; filename="%s.tar.gz"\r
                Content-Type: application/octet-stream\r
                \r
                """
                    .formatted(boundary, segment)),
            BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(content), bytes),
            BodyPublishers.ofString("\r\n--" + boundary + "--\r\n"));
    String path =
        "/v2/segments?tableName=%s&tableType=OFFLINE&enableParallelPushProtection=false"
            .formatted(table);
    http.require(
        "upload the segment '" + segment + "'",
        http.post(path, "multipart/form-data; boundary=" + boundary, body));
  }

  private JsonNode get(String what, String path) {
    return http.require(what, http.get(path));
  }

  private JsonNode post(String what, String path, Object body) {
    return http.require(what, http.post(path, Json.write(body)));
  }
}
