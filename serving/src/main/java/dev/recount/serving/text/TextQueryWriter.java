package dev.recount.serving.text;

import dev.recount.error.RecountException;
import dev.recount.serving.sql.QueryErrors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.lucene.index.Term;
import org.apache.lucene.queryparser.classic.QueryParser;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.FuzzyQuery;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.RegexpQuery;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TermRangeQuery;
import org.apache.lucene.search.WildcardQuery;
import org.apache.lucene.util.BytesRef;

/** Writes what Lucene read of a text query, in words that are analysed already. */
final class TextQueryWriter {
  /** The field that a query is read with; a query that names another field is refused. */
  static final String FIELD = "text";

  private final String text;

  /**
   * @param text as the user wrote it, for errors
   */
  TextQueryWriter(String text) {
    this.text = text;
  }

  /** One clause, which "+" or "-" may be put before. */
  String write(Query query) {
    if (query instanceof BoostQuery boosted) {
      return write(boosted.getQuery());
    }
    if (query instanceof MatchAllDocsQuery) {
      return "*:*";
    }
    if (query instanceof BooleanQuery clauses) {
      return write(clauses);
    }
    if (query instanceof TermQuery term) {
      return escape(word(term.getTerm()));
    }
    if (query instanceof PhraseQuery phrase) {
      return write(phrase);
    }
    if (query instanceof PrefixQuery prefix) {
      return escape(word(prefix.getPrefix())) + "*";
    }
    if (query instanceof WildcardQuery wildcard) {
      return word(wildcard.getTerm());
    }
    if (query instanceof RegexpQuery regexp) {
      return "/" + word(regexp.getRegexp()) + "/";
    }
    if (query instanceof TermRangeQuery range) {
      return write(range);
    }
    if (query instanceof FuzzyQuery fuzzy) {
      throw unsupported(
          text,
          "of the words that are like '"
              + fuzzy.getTerm().text()
              + "', Lucene looks up no more than fifty in each segment, so answers could be"
              + " incomplete; write the beginning and '*', or a regular expression between"
              + " slashes");
    }
    throw unsupported(text, "'" + query + "' is of a kind that is not supported");
  }

  private String write(BooleanQuery clauses) {
    if (clauses.clauses().isEmpty()) {
      throw unsupported(
          text, "it holds no word that is indexed (words such as 'the', 'of', 'not' are not)");
    }
    if (clauses.clauses().stream().allMatch(BooleanClause::isProhibited)) {
      throw unsupported(
          text, "Lucene finds nothing if everything is excluded; write *:* before it: *:* -word");
    }
    return clauses.clauses().stream()
        .map(c -> c.getOccur() + write(c.getQuery()))
        .collect(Collectors.joining(" ", "(", ")"));
  }

  private String write(PhraseQuery phrase) {
    int[] positions = phrase.getPositions();
    boolean hasGap =
        IntStream.range(0, positions.length).anyMatch(i -> positions[i] != positions[0] + i);
    if (hasGap) {
      throw unsupported(
          text,
          "a phrase in it holds words that are not indexed (such as 'the', 'of', 'and'); leave them"
              + " out and let the others be near each other: \"first last\"~2");
    }
    String words =
        Stream.of(phrase.getTerms())
            .map(this::word)
            .map(TextQueryWriter::escape)
            .collect(Collectors.joining(" ", "\"", "\""));
    return phrase.getSlop() == 0 ? words : words + "~" + phrase.getSlop();
  }

  private String write(TermRangeQuery range) {
    requireOwnField(range.getField());
    return (range.includesLower() ? "[" : "{")
        + bound(range.getLowerTerm())
        + " TO "
        + bound(range.getUpperTerm())
        + (range.includesUpper() ? "]" : "}");
  }

  private static String bound(BytesRef term) {
    return term == null ? "*" : escape(term.utf8ToString());
  }

  private String word(Term term) {
    requireOwnField(term.field());
    return term.text();
  }

  private void requireOwnField(String field) {
    if (!field.equals(FIELD)) {
      throw unsupported(
          text,
          "'" + field + ":' names a field, and a text has none; write \\: where a colon is meant");
    }
  }

  private static String escape(String word) {
    return QueryParser.escape(word);
  }

  static RecountException unsupported(String text, String reason) {
    return QueryErrors.unsupported("the text query '%s': %s", text, reason);
  }
}
