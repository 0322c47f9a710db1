package dev.recount.serving.gateway;

import dev.recount.core.catalog.ViewVersion;
import dev.recount.error.RecountException;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.sql.SqlText;
import dev.recount.serving.sql.ViewRequest;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * What is asked of one view, how, and by whom.
 *
 * @param view its name, or {@code view@2}
 */
public record Question(String view, Text text, Mode mode, Options options, Asker asker) {
  private static final Asker ITSELF = Asker.named("recount");

  /** What is asked, in words that may depend on the version that answers. */
  public interface Text {
    /**
     * The query.
     *
     * @param now what relative moments are counted from
     * @param zone by whose clocks moments are that say no zone
     */
    SqlText of(ViewVersion version, Instant now, ZoneId zone);

    /** As people read it. */
    default String shown() {
      return "";
    }

    /**
     * What is equal of texts that ask the same at a moment; empty if none asks the same as this.
     */
    default Optional<Object> identity(Instant now) {
      return Optional.empty();
    }
  }

  private record OfSql(SqlText sql) implements Text {
    @Override
    public SqlText of(ViewVersion version, Instant now, ZoneId zone) {
      return sql;
    }

    @Override
    public String shown() {
      return sql.text();
    }

    @Override
    public Optional<Object> identity(Instant now) {
      return sql.text().isEmpty() ? Optional.empty() : Optional.of(sql.text());
    }
  }

  /** Moments that are counted from now are counted from this second. */
  private record OfView(ViewRequest request) implements Text {
    @Override
    public SqlText of(ViewVersion version, Instant now, ZoneId zone) {
      return request.sql(version.plan(), now.truncatedTo(ChronoUnit.SECONDS), zone);
    }

    @Override
    public String shown() {
      return request.toString();
    }

    @Override
    public Optional<Object> identity(Instant now) {
      return Optional.of(
          List.of(request.parameters(), request.isRelative() ? now.getEpochSecond() : 0L));
    }
  }

  /** A query that has been read already. */
  public static Question of(SqlText text, Mode mode) {
    return new Question(text.view(), new OfSql(text), mode, Options.NONE, ITSELF);
  }

  /**
   * A query.
   *
   * @throws RecountException QUERY_...
   */
  public static Question sql(String sql, Mode mode) {
    return of(SqlText.parse(sql), mode);
  }

  /**
   * A question to one view.
   *
   * @throws RecountException MODE_UNKNOWN
   */
  public static Question of(String view, ViewRequest request) {
    return new Question(view, new OfView(request), Mode.of(request.mode()), Options.NONE, ITSELF);
  }

  /** The same, to be answered so. */
  public Question with(Options newOptions) {
    return new Question(view, text, mode, newOptions, asker);
  }

  /** The same, asked by another. */
  public Question by(Asker newAsker) {
    return new Question(view, text, mode, options, newAsker);
  }
}
