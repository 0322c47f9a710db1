package dev.recount.serving.text;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.index.memory.MemoryIndex;
import org.apache.lucene.queryparser.classic.ParseException;
import org.apache.lucene.queryparser.classic.QueryParser;
import org.apache.lucene.search.ConstantScoreQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.util.automaton.TooComplexToDeterminizeException;

/**
 * A full-text query in the syntax of Lucene's classic query parser, written so that both sides of a
 * view answer it alike. Pinot 0.11.0 leaves out stop words when it writes an index and when it asks
 * a segment of batch, but not when it asks one of speed: so the query is analysed here, and Pinot
 * is sent what is left of it.
 */
public final class TextQuery {
  /** Those of Pinot 0.11.0. */
  private static final CharArraySet STOP_WORDS =
      new CharArraySet(
          List.of(
              "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into",
              "is", "it", "no", "not", "of", "on", "or", "such", "that", "the", "their", "then",
              "than", "there", "these", "they", "this", "to", "was", "will", "with", "those"),
          false);

  private static final Analyzer INDEXING = new StandardAnalyzer(STOP_WORDS);
  private static final Analyzer WITH_STOP_WORDS = new StandardAnalyzer(CharArraySet.EMPTY_SET);

  private final Query query;
  private final String canonical;

  private TextQuery(Query query, String canonical) {
    this.query = query;
    this.canonical = canonical;
  }

  /**
   * Reads a query.
   *
   * @throws RecountException QUERY_SYNTAX if Lucene cannot read it; QUERY_UNSUPPORTED if the two
   *     sides of a view would not answer it alike
   */
  public static TextQuery parse(String text) {
    Query query;
    try {
      query = read(text, INDEXING);
    } catch (ParseException | IllegalArgumentException | TooComplexToDeterminizeException e) {
      throw RecountException.of(
          ErrorCode.QUERY_SYNTAX,
          e,
          "Cannot read the text query '%s': %s; it is Lucene's syntax, in which \\ "
              + "escapes a special character",
          text,
          String.valueOf(e.getMessage())
              .lines()
              .findFirst()
              .orElse("syntax error")
              .replaceFirst("^Cannot parse '.*': ", ""));
    }
    String canonical = new TextQueryWriter(text).write(query);
    if (!canonical.equals(again(canonical, INDEXING, text))
        || !canonical.equals(again(canonical, WITH_STOP_WORDS, text))) {
      throw TextQueryWriter.unsupported(
          text, "it does not mean the same in every part of a view; write it in simpler words");
    }
    return new TextQuery(query, canonical);
  }

  private static Query read(String text, Analyzer analyzer) throws ParseException {
    return new QueryParser(TextQueryWriter.FIELD, analyzer).parse(text);
  }

  private static String again(String canonical, Analyzer analyzer, String text) {
    try {
      return new TextQueryWriter(text).write(read(canonical, analyzer));
    } catch (ParseException | IllegalArgumentException | TooComplexToDeterminizeException e) {
      return null;
    }
  }

  /**
   * The text for Pinot. A negation is made by Lucene too: Pinot's own would take rows for not
   * matching that Lucene has not seen yet.
   */
  public String pinot(boolean negated) {
    return negated ? "*:* -" + canonical : canonical;
  }

  /** Whether a text matches, exactly as a row that holds it would. */
  public boolean matches(String text) {
    MemoryIndex index = new MemoryIndex();
    index.addField(TextQueryWriter.FIELD, text, INDEXING);
    return index.search(new ConstantScoreQuery(query)) > 0;
  }
}
