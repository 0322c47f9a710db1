import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Spark as a process of its own, started from this source: what an expression comes to for each row
 * of a file of JSON.
 *
 * <p>Takes the columns with their types, the file, and what to select of it as arguments. Each line of the input is a JSON
 * list of expressions, and answered by a JSON list: of each expression the list of its values as
 * texts in the order of the rows' id, or why there is none.
 */
public final class SparkRows {
  private static final ObjectMapper JSON = new ObjectMapper();

  private SparkRows() {}

  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    SparkSession spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.ansi.enabled", "true")
            .config("spark.sql.parser.escapedStringLiterals", "true")
            .config("spark.sql.datetime.java8API.enabled", "true")
            .config("spark.sql.codegen.wholeStage", "false")
            .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
            .getOrCreate();
    Dataset<Row> rows =
        spark
            .read()
            .schema(arguments[0])
            .json(arguments[1])
            .selectExpr(arguments[2].split(";"))
            .orderBy("id")
            .cache();
    rows.createOrReplaceTempView("facts");
    rows.count();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(JSON.writeValueAsString(values(spark, JSON.readValue(line, String[].class))));
    }
    spark.stop();
  }

  private static List<Object> values(SparkSession spark, String[] expressions) {
    List<Object> all = new ArrayList<>();
    for (int i = 0; i < expressions.length; i++) {
      all.add(analysed(spark, expressions[i]));
    }
    Map<Integer, String> good = new LinkedHashMap<>();
    for (int i = 0; i < expressions.length; i++) {
      if (all.get(i) == null) {
        good.put(i, expressions[i]);
      }
    }
    try {
      collect(spark, good, all);
    } catch (Exception e) {
      good.forEach(
          (i, expression) -> {
            try {
              collect(spark, Map.of(i, expression), all);
            } catch (Exception failure) {
              all.set(i, message(failure));
            }
          });
    }
    return all;
  }

  private static String analysed(SparkSession spark, String expression) {
    try {
      spark.sql("SELECT " + expression + " FROM facts").queryExecution().analyzed();
      return null;
    } catch (Exception e) {
      return message(e);
    }
  }

  private static String message(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static void collect(
      SparkSession spark, Map<Integer, String> expressions, List<Object> all) {
    if (expressions.isEmpty()) {
      return;
    }
    List<Row> rows =
        spark
            .sql(
                "SELECT "
                    + String.join(", ", expressions.values())
                    + " FROM facts ORDER BY id")
            .collectAsList();
    int column = 0;
    for (int index : expressions.keySet()) {
      List<String> values = new ArrayList<>();
      for (Row row : rows) {
        values.add(row.isNullAt(column) ? null : String.valueOf(row.get(column)));
      }
      all.set(index, values);
      column++;
    }
  }
}
