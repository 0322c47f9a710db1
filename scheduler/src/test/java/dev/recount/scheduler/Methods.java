package dev.recount.scheduler;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventSchema;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Every public method of everything that a catalog gives out, with arguments that all mean the same
 * few things, so that what one writes another reads.
 */
final class Methods {
  /** Of everything. */
  static final String NAME = "x1";

  private static final EventSchema EVENT =
      EventSchema.parse(
          """
          {"type": "record", "name": "x1", "fields": [{"name": "at", "type": {"type": "long",
          "logicalType": "timestamp-millis"}, "doc": "When.", "recount": "event-time"}]}""",
          NAME);
  private static final ViewPlan PLAN =
      new ViewPlan(NAME, 1, NAME, "SELECT 1", Map.of(), List.of(), List.of());

  private Methods() {}

  /** A method of a part of the catalog, which is new for each call. */
  record Call(Method part, Method method) {
    @Override
    public String toString() {
      return part.getName() + "()." + method.getName() + method.getParameterCount();
    }

    /** What it threw, if it did. */
    Optional<Throwable> on(Catalog catalog) throws ReflectiveOperationException {
      Object[] arguments = Arrays.stream(method.getParameters()).map(Methods::argument).toArray();
      try {
        method.invoke(part.invoke(catalog), arguments);
        return Optional.empty();
      } catch (InvocationTargetException e) {
        return Optional.of(e.getCause());
      }
    }
  }

  /** Those that forget something come last. */
  static List<Call> all() {
    return Arrays.stream(Catalog.class.getMethods())
        .filter(part -> part.getReturnType().getSimpleName().endsWith("Catalog"))
        .filter(part -> part.getParameterCount() == 0)
        .flatMap(
            part ->
                Stream.of(part.getReturnType().getDeclaredMethods())
                    .filter(m -> Modifier.isPublic(m.getModifiers()))
                    .filter(m -> !Modifier.isStatic(m.getModifiers()))
                    .map(m -> new Call(part, m)))
        .sorted(Comparator.comparing(Methods::rank).thenComparing(Call::toString))
        .toList();
  }

  private static int rank(Call call) {
    return call.method().getName().startsWith("forget") ? 1 : 0;
  }

  private static Object argument(Parameter parameter) {
    return value(parameter.getParameterizedType(), parameter.getName());
  }

  private static Object value(Type type, String name) {
    if (type instanceof ParameterizedType generic) {
      Object element = value(generic.getActualTypeArguments()[0], name);
      Class<?> raw = (Class<?>) generic.getRawType();
      return raw == Map.class
          ? Map.of(element, value(generic.getActualTypeArguments()[1], name))
          : raw == Optional.class
              ? Optional.of(element)
              : raw == Set.class ? Set.of(element) : List.of(element);
    }
    return value((Class<?>) type, name);
  }

  private static Object value(Class<?> type, String name) {
    if (type == String.class) {
      return text(name);
    }
    if (type == EventSchema.class) {
      return EVENT;
    }
    if (type == ViewPlan.class) {
      return PLAN;
    }
    if (type == Duration.class) {
      return Duration.ofSeconds(1);
    }
    if (type == Instant.class) {
      return Instant.EPOCH;
    }
    if (type == boolean.class) {
      return true;
    }
    if (type == int.class || type == Integer.class) {
      return 1;
    }
    if (type == long.class || type == Long.class) {
      return 1L;
    }
    if (type == double.class || type == Double.class) {
      return 1.5;
    }
    if (type.isEnum()) {
      return type.getEnumConstants()[0];
    }
    if (type.isRecord()) {
      return record(type);
    }
    if (Collection.class.isAssignableFrom(type) || !type.isInterface()) {
      // Such as the cron of a mode that has none.
      return null;
    }
    throw new IllegalArgumentException("No value for " + type + " " + name);
  }

  private static String text(String name) {
    if (name.endsWith("Json")) {
      return name.startsWith("views") || name.startsWith("segments") ? "[]" : "{}";
    }
    return switch (name) {
      case "mode" -> "full";
      case "status" -> "RUNNING";
      case "planJson" -> "{}";
      default -> NAME;
    };
  }

  private static Object record(Class<?> type) {
    RecordComponent[] parts = type.getRecordComponents();
    Class<?>[] types = Arrays.stream(parts).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(
          Arrays.stream(parts).map(p -> value(p.getGenericType(), p.getName())).toArray());
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("Cannot make a " + type, e);
    }
  }
}
