package dev.recount.serving.sql;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlShuttle;

/**
 * Keeps what follows a query's structure step by step within the stack of a thread: a query that
 * nests too deep is refused, and a long chain of AND or OR, which is read as one level in another,
 * becomes a balanced tree.
 */
public final class Nesting {
  /** How deep parentheses may be nested, over which a parser's time grows by powers. */
  static final int MOST_PARENTHESES = 50;

  /** How deep operators may be nested; a chain of AND or OR is one level. */
  static final int MOST_OPERATORS = 200;

  /** However so few characters nest, the stack of a request's thread is enough to read them. */
  static final int SHALLOW = 500;

  /** What the parser may need for each character, of which it was seen to need an eighth. */
  private static final long STACK_OF_CHARACTER = 4 * 1024L;

  private Nesting() {}

  static void requireFewParentheses(int depth) {
    if (depth > MOST_PARENTHESES) {
      throw tooDeep(MOST_PARENTHESES, "parentheses", null);
    }
  }

  static RecountException tooManyOperators(Throwable cause) {
    return tooDeep(MOST_OPERATORS, "operators", cause);
  }

  private static RecountException tooDeep(int most, String what, Throwable cause) {
    return RecountException.of(
        ErrorCode.QUERY_SYNTAX,
        cause,
        "Cannot read the query: it has more than %s %s inside each other; a chain of "
            + "AND or OR, and a list after IN, count as one",
        most,
        what);
  }

  /**
   * Runs what may call itself for each character of a text: if that can be deep, on a thread with a
   * stack large enough.
   */
  static <T> T withStackFor(String text, Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    if (text.length() <= SHALLOW) {
      future.run();
    } else {
      Thread thread = new Thread(null, future, "parser", text.length() * STACK_OF_CHARACTER);
      thread.setDaemon(true);
      thread.start();
    }
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RecountException known) {
        throw known;
      }
      if (e.getCause() instanceof StackOverflowError deep) {
        throw tooManyOperators(deep);
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new RecountException(
          ErrorCode.QUERY_SYNTAX,
          "Cannot read the query: its syntax is not understood; write it in simpler words",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RecountException(ErrorCode.INTERNAL, "Cannot read the query: interrupted", e);
    }
  }

  /**
   * The statements with balanced chains.
   *
   * @throws RecountException QUERY_SYNTAX if they nest too deep
   */
  static SqlNodeList balanced(SqlNodeList statements) {
    return (SqlNodeList) statements.accept(new Balance());
  }

  private static final class Balance extends SqlShuttle {
    private int depth;

    @Override
    public SqlNode visit(SqlCall call) {
      depth++;
      if (depth > MOST_OPERATORS) {
        throw tooManyOperators(null);
      }
      SqlKind kind = call.getKind();
      SqlNode balanced =
          kind == SqlKind.AND || kind == SqlKind.OR
              ? tree(call, links(call).stream().map(n -> n.accept(this)).toList())
              : super.visit(call);
      depth--;
      return balanced;
    }

    private static SqlNode tree(SqlCall chain, List<SqlNode> links) {
      if (links.size() == 1) {
        return links.get(0);
      }
      int middle = links.size() / 2;
      SqlNode left = tree(chain, links.subList(0, middle));
      SqlNode right = tree(chain, links.subList(middle, links.size()));
      SqlParserPos position = left.getParserPosition().plus(right.getParserPosition());
      return chain.getOperator().createCall(position, left, right);
    }
  }

  /** What a chain of AND or OR links, in order. */
  public static List<SqlNode> links(SqlCall chain) {
    List<SqlNode> links = new ArrayList<>();
    Deque<SqlNode> rest = new ArrayDeque<>();
    rest.push(chain);
    while (!rest.isEmpty()) {
      SqlNode node = rest.pop();
      if (node instanceof SqlCall call && call.getKind() == chain.getKind()) {
        for (int i = call.operandCount() - 1; i >= 0; i--) {
          rest.push(call.operand(i));
        }
      } else {
        links.add(node);
      }
    }
    return links;
  }
}
