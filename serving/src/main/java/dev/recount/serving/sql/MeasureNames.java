package dev.recount.serving.sql;

import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewPlan;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlShuttle;

/** Reads a bare name of a measure as the measure's merge; a distribution as its median. */
public final class MeasureNames {
  private final ViewPlan plan;

  public MeasureNames(ViewPlan plan) {
    this.plan = plan;
  }

  /** The names of all measures. */
  Stream<SqlIdentifier> all() {
    return plan.measures().stream()
        .map(Measure::name)
        .map(name -> new SqlIdentifier(name, SqlParserPos.ZERO));
  }

  /** The node, with {@code MEASURE(name)} for each bare name of a measure. */
  public SqlNode in(SqlNode node) {
    return in(node, Set.of());
  }

  /**
   * Like {@link #in(SqlNode)}.
   *
   * @param others names that stand for something else
   */
  public SqlNode in(SqlNode node, Set<String> others) {
    return node.accept(
        new SqlShuttle() {
          @Override
          public SqlNode visit(SqlCall call) {
            if (call.getKind() == SqlKind.AS) {
              return call.getOperator()
                  .createCall(
                      call.getParserPosition(),
                      call.<SqlNode>operand(0).accept(this),
                      call.operand(1));
            }
            return AggregateCalls.is(call) ? call : super.visit(call);
          }

          @Override
          public SqlNode visit(SqlIdentifier identifier) {
            return identifier.isSimple() && !others.contains(identifier.getSimple())
                ? plan.measure(identifier.getSimple()).map(MeasureNames::merged).orElse(identifier)
                : identifier;
          }
        });
  }

  private static SqlNode merged(Measure measure) {
    String percentile = measure.kind() == MeasureKind.TDIGEST ? ", 50" : "";
    String call = "MEASURE(" + Quoted.name(measure.name()) + percentile + ")";
    return SqlText.parse("SELECT " + call + " FROM v").select().get(0);
  }
}
