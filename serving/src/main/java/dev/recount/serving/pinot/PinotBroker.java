package dev.recount.serving.pinot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.config.ServingLimits;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.text.TextTurns;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pinot.client.Connection;
import org.apache.pinot.client.ConnectionFactory;
import org.apache.pinot.client.ExecutionStats;
import org.apache.pinot.client.PinotClientException;
import org.apache.pinot.client.ResultSet;
import org.apache.pinot.client.ResultSetGroup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a Pinot broker, and tells whether it answered in full. Thread-safe. */
public final class PinotBroker {
  private static final Logger LOG = LoggerFactory.getLogger(PinotBroker.class);

  /** Pinot's codes for a server or segment that is missing now and may be there again soon. */
  private static final Set<Integer> MISSING = Set.of(210, 220, 230, 235, 305, 410, 425, 427);

  private static final Set<Integer> TIMEOUTS = Set.of(240, 250, 400);

  /** What makes Pinot keep every group; it overrides the servers' own setting. */
  private static final String OPTIONS = "SET minServerGroupTrimSize = -1; ";

  /** How much longer than Pinot's own timeout its answer is waited for. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final Connection connection;
  private final TextTurns textTurns = new TextTurns();
  private final PinotQueriesEnd ends;
  private final ServingLimits limits;
  private final int groupsLimit;

  /**
   * What a broker answered.
   *
   * @param rows null if the answer has no table of results at all
   * @param segments queried, and pruned because the time they cover is not asked for
   * @param scanned rows that the condition held for
   */
  public record Reply(List<List<String>> rows, long segments, long scanned) {}

  /**
   * @param threads end what nobody waits for any more
   */
  public PinotBroker(
      HttpClient http, RecountConfig config, PinotRouting routing, ExecutorService threads) {
    this.ends = new PinotQueriesEnd(routing, threads);
    URI broker = URI.create(config.pinot().broker());
    Properties properties = new Properties();
    properties.setProperty(Connection.FAIL_ON_EXCEPTIONS, "false");
    this.connection =
        ConnectionFactory.fromHostList(
            properties,
            List.of(broker.getAuthority()),
            new BrokerTransport(
                http,
                broker.getScheme(),
                config.serving().timeout().plus(GRACE),
                config.serving().limits().answerBytes()));
    this.limits = config.serving().limits();
    this.groupsLimit = config.pinot().groupsLimit();
  }

  /**
   * Asks. Pinot gives up when the deadline has passed, or the answer is not wanted any more.
   *
   * @throws Unsettled if a server or segment is missing
   * @throws RecountException QUERY_TIMEOUT, QUERY_CANCELLED, TOO_MANY_GROUPS, QUERY_FAILED,
   *     PINOT_UNAVAILABLE
   */
  public Reply ask(String table, String sql, Deadline deadline, Cancellation cancellation)
      throws Unsettled {
    LOG.debug("Asking Pinot: {}", sql);
    ResultSetGroup group =
        textTurns.inTurn(table, sql, deadline, () -> answer(table, sql, deadline, cancellation));
    refuseProblems(group.getExceptions(), sql);
    if (group.getExecutionStats().isNumGroupsLimitReached()) {
      throw RecountException.of(
          ErrorCode.TOO_MANY_GROUPS,
          "Cannot answer the query: it has more groups than Pinot's servers keep (%s,"
              + " pinot.groups-limit); narrow WHERE, group by fewer columns, or raise the limit and"
              + " restart the stack",
          groupsLimit);
    }
    ExecutionStats statistics = group.getExecutionStats();
    return new Reply(
        rows(group), statistics.getNumSegmentsQueried(), statistics.getNumDocsScanned());
  }

  private ResultSetGroup answer(
      String table, String sql, Deadline deadline, Cancellation cancellation) {
    cancellation.require();
    Duration left = deadline.remaining();
    if (left.toMillis() == 0) {
      throw QueryErrors.timeout();
    }
    String mark = ends.mark();
    boolean hasEnded = false;
    try {
      CompletableFuture<ResultSetGroup> asked =
          connection.executeAsync(table, options(mark, left) + sql);
      CompletableFuture.anyOf(asked, cancellation.cause())
          .get(left.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
      cancellation.require();
      hasEnded = true;
      return asked.join();
    } catch (ExecutionException | PinotClientException e) {
      hasEnded = true;
      throw failure(e, sql);
    } catch (TimeoutException e) {
      LOG.warn("Pinot did not answer '{}' in time", sql);
      throw QueryErrors.timeout();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(e);
    } finally {
      if (!hasEnded) {
        ends.end(mark);
      }
    }
  }

  /** Pinot ignores an option that it does not know, and shows it with the query. */
  private static String options(String mark, Duration timeout) {
    return OPTIONS
        + "SET recountQuery = '"
        + mark
        + "'; SET timeoutMs = "
        + timeout.toMillis()
        + "; ";
  }

  /** Tells a broker that refused the question from one that did not answer. */
  private RecountException failure(Throwable problem, String sql) {
    for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
      if (cause instanceof BrokerTransport.Refused refused) {
        LOG.warn("Pinot answered '{}' with {}", sql, refused.getMessage());
        return refused("HTTP " + refused.status());
      }
      if (cause instanceof BrokerTransport.TooLarge) {
        return RecountException.of(
            ErrorCode.ANSWER_TOO_LARGE,
            "Cannot answer the query: what Pinot answers has more than %s bytes"
                + " (serving.limits.answer-size); narrow WHERE, group by fewer columns, or page with"
                + " LIMIT and OFFSET",
            limits.answerBytes());
      }
      if (cause instanceof IOException) {
        return unavailable(problem);
      }
    }
    LOG.warn("Pinot's answer to '{}' cannot be read", sql, problem);
    return refused("an answer that cannot be read");
  }

  private static RecountException unavailable(Throwable cause) {
    return new RecountException(
        ErrorCode.PINOT_UNAVAILABLE,
        "Cannot ask Pinot: the broker does not answer; see recount status",
        cause);
  }

  private static RecountException refused(String answer) {
    return RecountException.of(
        ErrorCode.QUERY_FAILED,
        "Cannot answer the query: Pinot refused it (%s); the serving log has the "
            + "reason. Write it in another way, and report this: Recount should have refused "
            + "it first, with advice",
        answer);
  }

  private static List<List<String>> rows(ResultSetGroup group) {
    if (group.getResultSetCount() == 0) {
      return null;
    }
    ResultSet table = group.getResultSet(0);
    List<List<String>> rows = new ArrayList<>(table.getRowCount());
    for (int row = 0; row < table.getRowCount(); row++) {
      List<String> cells = new ArrayList<>(table.getColumnCount());
      for (int column = 0; column < table.getColumnCount(); column++) {
        cells.add(table.getString(row, column));
      }
      rows.add(cells);
    }
    return rows;
  }

  private static void refuseProblems(List<PinotClientException> problems, String sql)
      throws Unsettled {
    if (problems.isEmpty()) {
      return;
    }
    List<Integer> codes = problems.stream().map(PinotBroker::code).toList();
    if (codes.stream().anyMatch(MISSING::contains)) {
      LOG.debug("Pinot answered '{}' with {}", sql, problems);
      throw new Unsettled("a Pinot server or segment did not answer (Pinot error " + codes + ")");
    }
    LOG.warn("Pinot answered '{}' with {}", sql, problems);
    if (codes.stream().anyMatch(TIMEOUTS::contains)) {
      throw QueryErrors.timeout();
    }
    throw refused("Pinot error " + codes);
  }

  private static int code(PinotClientException problem) {
    try {
      JsonNode json = Json.MAPPER.readTree(problem.getMessage());
      return json.path("errorCode").asInt();
    } catch (JsonProcessingException e) {
      return 0;
    }
  }
}
