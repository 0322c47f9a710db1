package dev.recount.planner;

import dev.recount.contract.catalog.Catalog;
import dev.recount.contract.catalog.ViewVersion;
import dev.recount.contract.catalog.WriterSchema;
import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import dev.recount.contract.event.EventSchema;
import dev.recount.contract.view.ViewPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;

/** What the files are beside what runs; problems are added to those of the files. */
record Difference(Map<String, State> events, Map<String, State> views, List<String> onlyRunning) {

  /** Of an event or a view. */
  enum State {
    NEW,
    UNCHANGED,
    CHANGED
  }

  static Difference of(CheckedSchemas schemas, Catalog catalog, ViewCompiler compiler) {
    Map<String, State> events = new LinkedHashMap<>();
    for (EventSchema event : schemas.events().values()) {
      events.put(event.name(), event(event, schemas, catalog));
    }
    Map<String, State> views = new LinkedHashMap<>();
    for (ViewPlan view : schemas.views()) {
      views.put(view.view(), view(view, schemas, catalog, compiler));
    }
    List<String> onlyRunning =
        catalog.views().all().stream()
            .map(ViewVersion::viewName)
            .filter(name -> !views.containsKey(name))
            .distinct()
            .toList();
    return new Difference(events, views, onlyRunning);
  }

  private static State event(EventSchema event, CheckedSchemas schemas, Catalog catalog) {
    for (WriterSchema writer : catalog.events().writerSchemas(event.name())) {
      incompatible(event, writer).ifPresent(schemas.problems()::add);
    }
    Optional<EventSchema> running = catalog.events().schema(event.name());
    if (running.isEmpty()) {
      return State.NEW;
    }
    return running.get().json().equals(event.json()) ? State.UNCHANGED : State.CHANGED;
  }

  private static Optional<RecountException> incompatible(EventSchema event, WriterSchema writer) {
    SchemaCompatibility.SchemaCompatibilityResult result =
        SchemaCompatibility.checkReaderWriterCompatibility(
                event.avro(), new Schema.Parser().parse(writer.schemaJson()))
            .getResult();
    if (result.getCompatibility() == SchemaCompatibility.SchemaCompatibilityType.COMPATIBLE) {
      return Optional.empty();
    }
    List<String> reasons =
        result.getIncompatibilities().stream().map(i -> describe(event.avro(), i)).toList();
    return Optional.of(
        new RecountException(
            ErrorCode.EVENT_SCHEMA_INCOMPATIBLE,
            String.format(
                "Cannot change the event '%s': events written with the schema %016x could not be"
                    + " read any more: %s; give new fields a default, widen types only, or make a"
                    + " new event",
                event.name(), writer.fingerprint(), String.join("; ", reasons))));
  }

  private static String describe(Schema reader, SchemaCompatibility.Incompatibility reason) {
    String[] steps = reason.getLocation().split("/");
    boolean inField = steps.length > 2 && steps[1].equals("fields");
    String field =
        inField
            ? "field '" + reader.getFields().get(Integer.parseInt(steps[2])).name() + "': "
            : "";
    return field + reason.getType() + " (" + reason.getMessage() + ")";
  }

  private static State view(
      ViewPlan view, CheckedSchemas schemas, Catalog catalog, ViewCompiler compiler) {
    Optional<ViewPlan> running = catalog.views().active(view.view()).map(ViewVersion::plan);
    if (running.isEmpty()) {
      return State.NEW;
    }
    boolean same =
        running.get().event().equals(view.event())
            && running.get().dimensions().equals(view.dimensions())
            && running.get().measures().equals(view.measures())
            && Objects.equals(running.get().join(), view.join())
            && compiler.isSame(running.get(), view);
    if (same) {
      return State.UNCHANGED;
    }
    schemas
        .problems()
        .add(
            new Refusal(view.view())
                .invalid(
                    "its SELECT is not the one that runs as "
                        + running.get().table()
                        + ", and a view that runs cannot be changed; name a new view, such as"
                        + " views/"
                        + view.view()
                        + "_2.sql, or put the SELECT back"));
    return State.CHANGED;
  }
}
