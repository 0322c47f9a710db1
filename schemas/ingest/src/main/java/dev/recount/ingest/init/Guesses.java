package dev.recount.ingest.init;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the fields of an event are, by what was seen of its records: types, which may be null, and
 * which one is the event's time and which its id.
 */
final class Guesses {
  private static final String MILLIS =
      "{\"type\": \"long\", \"logicalType\": \"timestamp-millis\"}";
  private static final String DATE = "{\"type\": \"int\", \"logicalType\": \"date\"}";

  /** So many different values at most make a dimension of a first view. */
  private static final int FEW_VALUES = 40;

  private static final int MOST_DIMENSIONS = 4;
  private static final int MOST_SUMS = 4;
  private static final int MOST_DISTINCT = 2;
  private static final Duration SHORT = Duration.ofDays(90);

  private final String event;
  private final long records;
  private final Set<String> columns;
  private final String zone;
  private final Names names = new Names();

  /** A place with the name of its field. */
  private record Named(Place place, String name) {
    Observed seen() {
      return place.seen();
    }
  }

  /**
   * What was guessed.
   *
   * @param first the earliest time of an event
   * @param last the latest
   * @param grain by which a first view groups times
   * @param notes what the user should know
   */
  record Draft(
      List<Field> fields,
      String timeField,
      Instant first,
      Instant last,
      String grain,
      List<String> notes) {}

  /**
   * @param records how many were seen
   * @param columns that all files have; null if each record has names of its own
   * @param zone of times that name none
   */
  Guesses(String event, long records, Set<String> columns, String zone) {
    this.event = event;
    this.records = records;
    this.columns = columns;
    this.zone = zone;
  }

  /**
   * @param place where the event's time is, as the files name it; null to guess
   * @throws RecountException USAGE if there is no time, or none at that place
   */
  Draft of(Place root, String place) {
    List<Named> all =
        root.fields().stream()
            .filter(p -> columns == null || columns.contains(p.path().get(0)))
            .map(p -> new Named(p, names.of(p.path())))
            .toList();
    List<String> notes = new ArrayList<>();
    if (root.isWide()) {
      notes.add("the records have more names than are looked at; the rest is left out");
    }
    Optional<Named> ofDay = place == null ? timeOfDay(all) : Optional.empty();
    Named time =
        ofDay.isPresent()
            ? days(all).orElseThrow()
            : place == null ? guessed(all, notes) : named(all, place);
    TimeGuess written = time.seen().time().orElseThrow();
    if (time.seen().count() < records) {
      notes.add(
          String.format(
              "%,d records have no '%s', and will be rejected: an event needs its time",
              records - time.seen().count(), dotted(time.place())));
    }
    Optional<Named> id = all.stream().filter(n -> n != time && isId(n)).findFirst();
    List<Field> fields = new ArrayList<>();
    fields.add(timeField(time, written, ofDay, notes));
    for (Named named : all) {
      if (named != time && ofDay.filter(named::equals).isEmpty()) {
        fields.add(field(named, id.filter(named::equals).isPresent(), notes));
      }
    }
    return new Draft(
        withRoles(fields, all),
        time.name(),
        written.first(),
        written.last(),
        grain(written, written.isDaysOnly() && ofDay.isEmpty()),
        notes);
  }

  /** A column of days; with one of times of day, it is a moment, as in logs with named columns. */
  private Optional<Named> days(List<Named> all) {
    return all.stream()
        .filter(
            n ->
                n.name().equals("date")
                    && n.seen().count() == records
                    && n.seen()
                        .time()
                        .filter(t -> t.isDaysOnly() && t.form().isEmpty())
                        .isPresent())
        .findFirst();
  }

  private Optional<Named> timeOfDay(List<Named> all) {
    return all.stream()
        .filter(
            n ->
                n.name().equals("time")
                    && n.seen().count() == records
                    && n.seen().isTimeOfDay()
                    && days(all).isPresent())
        .findFirst();
  }

  private Named named(List<Named> all, String place) {
    Named found =
        all.stream()
            .filter(n -> dotted(n.place()).equals(place) || n.name().equals(place))
            .findFirst()
            .orElseThrow(() -> noTime("there is no '" + place + "'; there are " + listed(all)));
    if (found.seen().time().isEmpty()) {
      throw noTime("not all values of '" + place + "' are times in one form that is known");
    }
    return found;
  }

  private Named guessed(List<Named> all, List<String> notes) {
    List<Named> times =
        all.stream()
            .filter(n -> n.seen().time().isPresent() && likeness(n) > 0)
            .sorted(
                Comparator.comparing((Named n) -> n.seen().count() < records)
                    .thenComparing(n -> n.seen().time().orElseThrow().isDaysOnly())
                    .thenComparing(n -> -likeness(n)))
            .toList();
    if (times.isEmpty()) {
      throw noTime(
          "no column looks like a time; name the one that is with --time, or make one. There are "
              + listed(all));
    }
    if (times.size() > 1) {
      notes.add(
          "other times: " + listed(times.subList(1, times.size())) + "; take another with --time");
    }
    return times.get(0);
  }

  /** A number is a time only if its name says so. */
  private static int likeness(Named named) {
    int name = Names.soundsLikeTime(named.name());
    return named.seen().time().orElseThrow().isEpoch() || named.seen().isNumber() ? name : name + 1;
  }

  private RecountException noTime(String reason) {
    return RecountException.of(ErrorCode.USAGE, "Cannot draft '%s': %s", event, reason);
  }

  private static String listed(List<Named> all) {
    return String.join(", ", all.stream().map(n -> dotted(n.place())).toList());
  }

  private static String dotted(Place place) {
    return String.join(".", place.path());
  }

  private boolean isId(Named named) {
    Observed seen = named.seen();
    boolean isKind = seen.isUuid() || seen.isWhole() || !seen.isNumber();
    return isKind
        && seen.isUnique()
        && seen.count() == records
        && seen.structures() == 0
        && (seen.isUuid() || Names.soundsLikeId(named.name()));
  }

  private Field timeField(
      Named named, TimeGuess written, Optional<Named> ofDay, List<String> notes) {
    if (!written.isZoned()) {
      notes.add(
          "the times of '"
              + dotted(named.place())
              + "' name no zone; they are read as "
              + zone
              + " (--zone)");
    }
    if (written.isAmbiguous(named.seen().times())) {
      notes.add(
          "in '"
              + dotted(named.place())
              + "' day and month could be the other way round; the mapping says month first: "
              + written.words());
    }
    boolean isMillis = written.isEpoch() && written.form().orElseThrow().equals("epoch-millis");
    List<List<String>> paths = new ArrayList<>(List.of(named.place().path()));
    ofDay.ifPresent(time -> paths.add(time.place().path()));
    return new Field(
        named.name(),
        paths,
        MILLIS,
        false,
        Optional.of("event-time"),
        isMillis ? Optional.empty() : written.form(),
        written.isZoned() ? Optional.empty() : Optional.of(zone),
        isMillis || written.form().isEmpty(),
        "When it happened, UTC. Guessed: all values are times, written as "
            + written.words()
            + ", and the name is '"
            + dotted(named.place())
            + "'"
            + ofDay.map(time -> ", beside '" + dotted(time.place()) + "'").orElse("")
            + ".",
        Field.Role.NONE);
  }

  private static String type(Observed seen) {
    Optional<TimeGuess> time = seen.time().filter(t -> !t.isEpoch() && t.form().isEmpty());
    if (seen.isBytes()) {
      return "\"bytes\"";
    } else if (seen.isBoolean()) {
      return "\"boolean\"";
    } else if (seen.isWhole()) {
      return "\"long\"";
    } else if (seen.isNumber()) {
      return "\"double\"";
    } else if (time.isPresent() && time.get().isZoned()) {
      return MILLIS;
    }
    return time.isPresent() && time.get().isDaysOnly() ? DATE : "\"string\"";
  }

  private Field field(Named named, boolean isId, List<String> notes) {
    Observed seen = named.seen();
    boolean isNullable = seen.count() < records;
    String type = type(seen);
    String doc =
        (seen.structures() > 0 ? "The JSON of '" : "From '") + dotted(named.place()) + "'.";
    if (isId) {
      doc += " Guessed to be the id: no two values are equal, and it is named so.";
      notes.add("'" + named.name() + "' is taken for the id of an event: no two are equal");
    }
    return new Field(
        named.name(),
        List.of(named.place().path()),
        type,
        isNullable,
        isId ? Optional.of("event-id") : Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        isAsIs(seen, type),
        doc,
        Field.Role.NONE);
  }

  private static boolean isAsIs(Observed seen, String type) {
    return switch (type) {
      case "\"bytes\"" -> true;
      case "\"boolean\"", "\"long\"", "\"double\"" -> seen.texts() == 0;
      default -> seen.texts() == seen.count();
    };
  }

  /** Few values make a dimension, numbers a sum, many values a number of different ones. */
  private List<Field> withRoles(List<Field> fields, List<Named> all) {
    int dimensions = 0;
    int sums = 0;
    int distinct = 0;
    List<Field> roles = new ArrayList<>();
    for (Field field : fields) {
      Observed seen =
          all.stream().filter(n -> n.name().equals(field.name())).findFirst().orElseThrow().seen();
      boolean isText = field.type().equals("\"string\"") && seen.structures() == 0;
      boolean isFew = seen.differentValues() <= FEW_VALUES && seen.differentValues() > 1;
      boolean isKey = field.mark().isPresent() || Names.soundsLikeId(field.name());
      boolean isNumber = field.type().equals("\"long\"") || field.type().equals("\"double\"");
      if ((isText || field.type().equals("\"boolean\""))
          && isFew
          && dimensions < MOST_DIMENSIONS
          && !isKey) {
        roles.add(field.with(Field.Role.DIMENSION));
        dimensions++;
      } else if (isNumber && !isKey && sums < MOST_SUMS) {
        roles.add(field.with(Field.Role.SUM));
        sums++;
      } else if ((isText || isKey)
          && field.mark().isEmpty()
          && seen.differentValues() > 1
          && distinct < MOST_DISTINCT
          && !isFew) {
        roles.add(field.with(Field.Role.DISTINCT));
        distinct++;
      } else {
        roles.add(field);
      }
    }
    return roles;
  }

  private static String grain(TimeGuess time, boolean isOfDays) {
    Instant first = time.first();
    if (isOfDays || Duration.between(first, time.last()).compareTo(SHORT) > 0) {
      return "DAY";
    }
    return "HOUR";
  }
}
