package dev.recount.serving.gateway;

import dev.recount.core.catalog.ViewVersion;
import dev.recount.error.RecountException;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.sql.SqlText;
import dev.recount.serving.sql.ViewRequest;
import java.time.Instant;
import java.time.ZoneId;

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
  }

  /** A query that has been read already. */
  public static Question of(SqlText text, Mode mode) {
    return new Question(text.view(), (version, now, zone) -> text, mode, Options.NONE, ITSELF);
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
    return new Question(
        view,
        (version, now, zone) -> request.sql(version.plan(), now, zone),
        Mode.of(request.mode()),
        Options.NONE,
        ITSELF);
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
