package dev.recount.serving.answer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.view.ViewPlan;
import dev.recount.serving.bind.Binder;
import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.expression.Operator;
import dev.recount.serving.gateway.Plans;
import dev.recount.serving.sql.SqlText;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowsTest {
  /** Beyond U+FFFF: in UTF-8 after every other, in Java's UTF-16 before U+E000. */
  private static final String LAST = "\uD83D\uDE00";

  private static final String FIRST = "\uFF5E";
  private static final ViewPlan PLAN = Plans.texts("texts");

  private static List<Object> methods(String clauses) {
    String sql = "SELECT method FROM texts GROUP BY method" + clauses;
    BoundQuery query = Binder.bind(SqlText.parse(sql), PLAN);
    List<Group> groups =
        List.of(
            new Group(new Object[] {"late"}, new Object[] {LAST}),
            new Group(new Object[] {"early"}, new Object[] {FIRST}));
    return Rows.of(query, groups, 10).stream().map(row -> row.get(0)).toList();
  }

  @Test
  void stringMeasures_areOrderedByTheirBytes() {
    assertThat(methods(" ORDER BY MEASURE(least)")).containsExactly("early", "late");
    assertThat(methods(" ORDER BY MEASURE(least) DESC")).containsExactly("late", "early");
    assertThat(methods(" HAVING MEASURE(least) > '" + FIRST + "'")).containsExactly("late");
  }

  @Test
  void stringKeys_areOrderedAsPinotDoes() {
    BoundQuery query =
        Binder.bind(
            SqlText.parse("SELECT method FROM texts GROUP BY method ORDER BY method"), PLAN);
    List<Group> groups =
        List.of(
            new Group(new Object[] {FIRST}, new Object[0]),
            new Group(new Object[] {LAST}, new Object[0]));
    assertThat(Rows.of(query, groups, 10)).containsExactly(List.of(LAST), List.of(FIRST));
  }

  @Test
  void infinityAndNaN_areRoundedToThemselves() {
    for (Double number : List.of(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN)) {
      for (Operator operator : List.of(Operator.FLOOR, Operator.CEIL, Operator.ROUND)) {
        assertThat(operator.of(number)).isEqualTo(number);
      }
    }
  }
}
