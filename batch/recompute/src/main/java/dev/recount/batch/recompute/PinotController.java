package dev.recount.batch.recompute;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.batch.segment.BuiltSegment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The calls to Pinot's controller that a swap of OFFLINE segments takes. Thread-safe. */
public final class PinotController {
  private final PinotHttp http;
  private final Configuration hadoop;

  public PinotController(String url, Configuration hadoop) {
    this.http = new PinotHttp(url);
    this.hadoop = hadoop;
  }

  public boolean hasOfflineTable(String table) {
    return http.get("/tables/" + table + "?type=offline").has("OFFLINE");
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
    List<String> names = new ArrayList<>();
    for (JsonNode side : http.get("/segments/" + table + "?type=OFFLINE" + option)) {
      side.path("OFFLINE").forEach(name -> names.add(name.asText()));
    }
    return names;
  }

  /** Swaps that were begun and neither ended nor reverted. */
  public List<String> unfinishedSwaps(String table) {
    List<String> ids = new ArrayList<>();
    JsonNode entries = http.get("/segments/" + table + "/lineage?type=OFFLINE");
    entries
        .path("lineageEntries")
        .fields()
        .forEachRemaining(
            entry -> {
              if (entry.getValue().path("state").asText().equals("IN_PROGRESS")) {
                ids.add(entry.getKey());
              }
            });
    return ids;
  }

  /**
   * @return the swap's id
   */
  public String startSwap(String table, List<String> from, List<String> to) {
    return http.post(
            "/segments/" + table + "/startReplaceSegments?type=OFFLINE&forceCleanup=true",
            Map.of("segmentsFrom", from, "segmentsTo", to))
        .path("segmentLineageEntryId")
        .asText();
  }

  public void endSwap(String table, String id) {
    http.post(
        "/segments/" + table + "/endReplaceSegments?type=OFFLINE&segmentLineageEntryId=" + id,
        Map.of());
  }

  public void revertSwap(String table, String id) {
    http.post(
        "/segments/"
            + table
            + "/revertReplaceSegments?type=OFFLINE&forceRevert=true&segmentLineageEntryId="
            + id,
        Map.of());
  }

  public void deleteSegments(String table, Collection<String> names) {
    if (!names.isEmpty()) {
      http.post("/segments/" + table + "_OFFLINE/delete?retention=0d", names);
    }
  }

  /** For each segment, the states of its copies as the servers report them. */
  public Map<String, Collection<String>> reportedStates(String table) {
    Map<String, Collection<String>> states = new TreeMap<>();
    http.get("/tables/" + table + "/externalview?tableType=OFFLINE")
        .path("OFFLINE")
        .fields()
        .forEachRemaining(
            segment -> {
              Collection<String> copies = new TreeSet<>();
              segment.getValue().forEach(state -> copies.add(state.asText()));
              states.put(segment.getKey(), copies);
            });
    return states;
  }

  public void upload(String table, BuiltSegment segment) {
    String boundary = "recount-" + UUID.randomUUID();
    String head =
        "--"
            + boundary
            + "\r\nContent-Disposition: form-data; name=\"segment\"; filename=\""
            + segment.name()
            + ".tar.gz\"\r\nContent-Type: application/octet-stream\r\n\r\n";
    HttpRequest.BodyPublisher body =
        HttpRequest.BodyPublishers.concat(
            HttpRequest.BodyPublishers.ofString(head, StandardCharsets.UTF_8),
            HttpRequest.BodyPublishers.fromPublisher(content(segment), segment.bytes()),
            HttpRequest.BodyPublishers.ofString("\r\n--" + boundary + "--\r\n"));
    http.upload(
        "/v2/segments?tableName=" + table + "&tableType=OFFLINE&enableParallelPushProtection=false",
        "multipart/form-data; boundary=" + boundary,
        body);
  }

  private HttpRequest.BodyPublisher content(BuiltSegment segment) {
    return HttpRequest.BodyPublishers.ofInputStream(
        () -> {
          try {
            Path path = new Path(segment.path());
            FileSystem files = path.getFileSystem(hadoop);
            return files.open(path);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
