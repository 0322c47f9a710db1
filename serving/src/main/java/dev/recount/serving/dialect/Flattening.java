package dev.recount.serving.dialect;

import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.SqlNodes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNumericLiteral;
import org.apache.calcite.sql.util.SqlShuttle;

/**
 * Makes one SELECT of two of which one is of the other, as tools wrap whatever their user wrote.
 * That is possible where the outer one is of rows of the view, or only picks, filters, sorts and
 * cuts groups.
 */
final class Flattening {
  private final Select inner;
  private final Select outer;
  private final PinotNames names;
  private final Map<String, SqlNode> columns = new LinkedHashMap<>();

  private Flattening(Select inner, Select outer, PinotNames names) {
    this.inner = inner;
    this.outer = outer;
    this.names = names;
    inner.items().stream()
        .filter(i -> !Select.isStar(i))
        .forEach(i -> columns.putIfAbsent(names.of(i), Select.expression(i)));
  }

  /** The one SELECT; empty if the outer has to be computed of the rows that the inner gives. */
  static Optional<Select> of(Select inner, Select outer, PinotNames names) {
    Select groups = inner.distinct() && !inner.hasStar() ? grouped(inner) : inner;
    Flattening flattening = new Flattening(groups, outer, names);
    if (groups.isPlain()) {
      return Optional.of(flattening.ofRows());
    }
    boolean isSelection = !outer.distinct() && !outer.isAggregated();
    boolean isCut = inner.limit() != null || inner.offset() > 0;
    boolean changesRows = outer.where() != null || !outer.orderBy().isEmpty();
    boolean isOfGroups = groups.isAggregated() && !groups.distinct();
    boolean keepsRows = isCut ? !changesRows : isOfGroups || outer.where() == null;
    return isSelection && !groups.distinct() && keepsRows
        ? Optional.of(flattening.ofGroups())
        : Optional.empty();
  }

  /** DISTINCT as GROUP BY. */
  private static Select grouped(Select select) {
    if (select.isAggregated()) {
      return select;
    }
    return new Select(
        select.from(),
        false,
        select.items(),
        select.where(),
        select.items().stream().map(Select::expression).toList(),
        null,
        select.orderBy(),
        select.limit(),
        select.offset());
  }

  private Select ofRows() {
    return new Select(
        inner.from(),
        outer.distinct(),
        items(),
        Select.both(inner.where(), in(outer.where(), List.of())),
        outer.groupBy().stream().map(n -> in(n, List.of())).toList(),
        in(outer.having(), outer.aliases()),
        outer.orderBy().stream().map(n -> in(n, outer.aliases())).toList(),
        outer.limit(),
        outer.offset());
  }

  private Select ofGroups() {
    List<SqlNode> order =
        outer.orderBy().isEmpty()
            ? inner.orderBy()
            : outer.orderBy().stream().map(n -> in(n, outer.aliases())).toList();
    Long limit = outer.limit();
    if (inner.limit() != null) {
      long left = Math.max(0, inner.limit() - outer.offset());
      limit = limit == null ? left : Math.min(limit, left);
    }
    SqlNode where = inner.where();
    SqlNode having = inner.having();
    for (SqlNode condition : outer.conditions()) {
      SqlNode meant = in(condition, List.of());
      if (Merges.hasAggregate(meant)) {
        having = Select.both(having, meant);
      } else {
        where = Select.both(where, meant); // It is the same for all rows of a group.
      }
    }
    return new Select(
        inner.from(),
        false,
        items(),
        where,
        inner.groupBy().stream().map(this::grouping).toList(),
        having,
        order.stream().map(this::grouping).toList(),
        limit,
        inner.offset() + outer.offset());
  }

  /** What the inner one grouped or sorted by a name or a place of its own, which are gone. */
  private SqlNode grouping(SqlNode node) {
    if (node instanceof SqlNumericLiteral place && place.isInteger()) {
      int index = SqlNodes.place(place);
      if (index < 1 || index > inner.items().size() || inner.hasStar()) {
        throw QueryErrors.unsupported(place, "there is no such position in the SELECT list");
      }
      return Select.expression(inner.items().get(index - 1));
    }
    if (node instanceof SqlIdentifier identifier && Select.isNamed(identifier, inner.aliases())) {
      return columns.get(identifier.getSimple());
    }
    boolean isSorted =
        node.getKind() == SqlKind.DESCENDING
            || node.getKind() == SqlKind.NULLS_FIRST
            || node.getKind() == SqlKind.NULLS_LAST;
    if (isSorted) {
      SqlCall call = (SqlCall) node;
      return call.getOperator().createCall(call.getParserPosition(), grouping(call.operand(0)));
    }
    return node;
  }

  /** The outer's SELECT list over what the inner's columns compute, named as the outer has it. */
  private List<SqlNode> items() {
    List<SqlNode> items = new ArrayList<>();
    for (SqlNode item : outer.items()) {
      if (Select.isStar(item)) {
        inner.items().stream()
            .flatMap(
                i ->
                    Stream.of(
                        Select.isStar(i) ? i : Select.named(Select.expression(i), names.of(i))))
            .forEach(items::add);
      } else {
        items.add(Select.named(in(Select.expression(item), List.of()), names.of(item)));
      }
    }
    return items;
  }

  /**
   * A part of the outer one, with what the inner's columns compute in the place of their names.
   *
   * @param kept names that stand for something else
   */
  private SqlNode in(SqlNode node, List<String> kept) {
    return node == null
        ? null
        : node.accept(new Units(columns.keySet()))
            .accept(
                new SqlShuttle() {
                  @Override
                  public SqlNode visit(SqlIdentifier identifier) {
                    return identifier.isStar() || Select.isNamed(identifier, kept)
                        ? identifier
                        : column(identifier);
                  }
                });
  }

  private SqlNode column(SqlIdentifier identifier) {
    String name = SqlNodes.column(identifier);
    SqlNode computed = columns.get(name);
    if (computed != null) {
      return computed;
    }
    if (!inner.hasStar() && !name.equals("*")) {
      throw QueryErrors.unknownColumn(name, "(subquery)", columns.keySet());
    }
    return new SqlIdentifier(name, identifier.getParserPosition());
  }
}
