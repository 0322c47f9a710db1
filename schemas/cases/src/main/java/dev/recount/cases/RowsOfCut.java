package dev.recount.cases;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.StoredRows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What batch has stored of the events before a cut, and speed of those after it. */
final class RowsOfCut implements StoredRows {
  private final PinotEngine.Table table;
  private final ViewPlan plan;
  private final List<Map<String, Object>> batch;
  private final List<String> speed;

  RowsOfCut(
      PinotEngine.Table table, ViewPlan plan, List<Map<String, Object>> batch, List<String> speed) {
    this.table = table;
    this.plan = plan;
    this.batch = batch.stream().map(RowsOfCut::asInSegment).toList();
    this.speed = speed;
  }

  private static Map<String, Object> asInSegment(Map<String, Object> row) {
    Map<String, Object> stored = new HashMap<>(row);
    stored.put(StoredColumn.ARRIVED, 0L);
    stored.put(StoredColumn.CHUNK, StoredColumn.NO_CHUNK);
    return stored;
  }

  @Override
  public boolean isNothing() {
    return false;
  }

  @Override
  public String table() {
    return plan.table();
  }

  /** The two sides have nothing in common here. */
  @Override
  public String arrival() {
    return "";
  }

  @Override
  public List<List<String>> ask(String sql) {
    JsonNode answer = Json.read(table.ask(batch, speed, sql), JsonNode.class);
    if (!answer.path("exceptions").isEmpty()) {
      throw RecountException.of(
          ErrorCode.QUERY_FAILED,
          "Cannot answer the query: Pinot refused it: %s",
          answer
              .path("exceptions")
              .path(0)
              .path("message")
              .asText()
              .lines()
              .findFirst()
              .orElse(""));
    }
    JsonNode rows = answer.path("resultTable").path("rows");
    if (rows.isMissingNode()) {
      return null;
    }
    List<List<String>> texts = new ArrayList<>();
    for (JsonNode row : rows) {
      List<String> cells = new ArrayList<>();
      row.forEach(cell -> cells.add(cell.isTextual() ? cell.textValue() : cell.toString()));
      texts.add(cells);
    }
    return texts;
  }
}
