package dev.recount.planner.pass;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Runs work of this process in one Spark task, which gives passes their memory. Nothing of it is
 * sent anywhere, so it needs a local session.
 */
public final class InTask {
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static final Map<Integer, Consumer<TaskContext>> OPEN = new ConcurrentHashMap<>();

  private InTask() {}

  /** What the work gives; what it throws is thrown as it is. */
  public static <T> T run(SparkSession spark, Function<TaskContext, T> work) {
    AtomicReference<T> result = new AtomicReference<>();
    AtomicReference<RuntimeException> failure = new AtomicReference<>();
    int number = NUMBERS.incrementAndGet();
    OPEN.put(
        number,
        task -> {
          try {
            result.set(work.apply(task));
          } catch (RuntimeException e) {
            failure.set(e);
          }
        });
    try {
      JavaSparkContext.fromSparkContext(spark.sparkContext())
          .parallelize(List.of(number), 1)
          .foreach(n -> OPEN.get(n).accept(TaskContext.get()));
    } finally {
      OPEN.remove(number);
    }
    if (failure.get() != null) {
      throw failure.get();
    }
    return result.get();
  }
}
