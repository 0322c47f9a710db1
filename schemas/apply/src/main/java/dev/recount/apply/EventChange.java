package dev.recount.apply;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.event.Evolution;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.EventRows;
import dev.recount.planner.state.JoinedRows;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The change of an event's schema, to be checked against what was written and what runs.
 *
 * @param event what it would be
 * @param earlier every schema that its records were written with
 * @param running the views that read it
 */
record EventChange(EventSchema event, List<EventSchema> earlier, List<Reader> running) {
  private static final String BESIDE =
      "keep what it reads unchanged, and add a new field beside it";

  static EventChange of(EventSchema event, Catalog catalog) {
    return new EventChange(
        event,
        catalog.events().writerSchemas(event.name()).stream()
            .map(w -> EventSchema.parse(w.schemaJson(), event.name()))
            .toList(),
        catalog.views().all().stream()
            .filter(version -> version.plan().events().contains(event.name()))
            .map(version -> Reader.of(version, event, catalog))
            .toList());
  }

  /**
   * A version of a view, and the rows that it is given before and after the change.
   *
   * @param isActive whether it is the one that readers of the view see
   */
  record Reader(ViewPlan view, boolean isActive, StructType then, StructType now) {
    private static Reader of(ViewVersion version, EventSchema event, Catalog catalog) {
      ViewPlan view = version.plan();
      return new Reader(
          view,
          catalog
              .views()
              .active(view.view())
              .filter(active -> active.version() == version.version())
              .isPresent(),
          rows(view, name -> catalog.events().schema(name).orElseThrow()),
          rows(
              view,
              name ->
                  name.equals(event.name()) ? event : catalog.events().schema(name).orElseThrow()));
    }

    private static StructType rows(ViewPlan view, Function<String, EventSchema> schemas) {
      StructType type = EventRows.type(schemas.apply(view.event()));
      if (view.join() == null) {
        return type;
      }
      StructType state = EventRows.type(schemas.apply(view.join().state()));
      for (StructField field : JoinedRows.columns(view.join(), state).fields()) {
        type = type.add(field);
      }
      return type;
    }
  }

  /** EVENT_SCHEMA_INCOMPATIBLE for each reason not to change it; empty if there is none. */
  List<RecountException> problems(ViewCompiler compiler) {
    return Stream.concat(
            new Evolution(event, earlier).problems().stream().map(p -> refused(p.text(), null)),
            running.stream().map(reader -> broken(reader, compiler)).flatMap(Optional::stream))
        .toList();
  }

  /** A view that runs continues with the same columns and values, or the change is refused. */
  private Optional<RecountException> broken(Reader reader, ViewCompiler compiler) {
    try {
      StructType now = reader.now();
      StructType then = reader.then();
      Optional<RecountException> nullable = becomesNullable(reader, compiler);
      if (nullable.isPresent()) {
        return nullable;
      }
      return compiler.program(reader.view(), now, false).columns().stream()
          .filter(column -> List.of(then.fieldNames()).contains(column))
          .filter(
              column -> !isSameValue(now.apply(column).dataType(), then.apply(column).dataType()))
          .findFirst()
          .map(column -> changedUnder(reader, column));
    } catch (RecountException e) {
      return Optional.of(
          refused(
              "the view '"
                  + reader.view().versionName()
                  + "' reads it and could no longer run ("
                  + e.getMessage()
                  + "); "
                  + remedy(reader),
              e));
    }
  }

  /** NULL is stored as a value of its own only where a dimension was planned to have it. */
  private Optional<RecountException> becomesNullable(Reader reader, ViewCompiler compiler) {
    ViewPlan view = reader.view();
    List<Dimension> changed = compiler.dimensions(view, reader.now());
    return IntStream.range(0, changed.size())
        .filter(i -> changed.get(i).nullable() && !view.dimensions().get(i).nullable())
        .mapToObj(
            i ->
                refused(
                    "the view '"
                        + view.versionName()
                        + "' reads it, and its column '"
                        + changed.get(i).name()
                        + "', which is never NULL, could become NULL; "
                        + remedy(reader),
                    null))
        .findFirst();
  }

  private RecountException changedUnder(Reader reader, String column) {
    return refused(
        "the view '"
            + reader.view().versionName()
            + "' reads its field '"
            + column
            + "', and a value that it counted as "
            + reader.then().apply(column).dataType().sql()
            + " may differ as "
            + reader.now().apply(column).dataType().sql()
            + "; "
            + remedy(reader),
        null);
  }

  private static String remedy(Reader reader) {
    return reader.isActive()
        ? BESIDE
        : BESIDE
            + ", or remove the version, which readers of the view do not see: recount version drop "
            + reader.view().versionName();
  }

  /** Whether a value is the same to every expression; 5 and 5.0 are not, as text or in a sketch. */
  private static boolean isSameValue(DataType now, DataType then) {
    if (now instanceof StructType struct && then instanceof StructType before) {
      return List.of(before.fields()).stream()
          .filter(field -> List.of(struct.fieldNames()).contains(field.name()))
          .allMatch(f -> isSameValue(struct.apply(f.name()).dataType(), f.dataType()));
    }
    if (now instanceof ArrayType array && then instanceof ArrayType before) {
      return isSameValue(array.elementType(), before.elementType());
    }
    if (now instanceof MapType map && then instanceof MapType before) {
      return isSameValue(map.valueType(), before.valueType());
    }
    return now.equals(then) || (now instanceof LongType && then instanceof IntegerType);
  }

  private RecountException refused(String reason, Throwable cause) {
    return RecountException.of(
        ErrorCode.EVENT_SCHEMA_INCOMPATIBLE,
        cause,
        "Cannot change the event '%s': %s",
        event.name(),
        reason);
  }
}
