package dev.recount.demo;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One folder, one job: what a module must not know. */
class ModulesTest {
  private static final String SPARK = "org.apache.spark..";
  private static final String HADOOP = "org.apache.hadoop..";
  private static final String PINOT_SERVERS =
      "org.apache.pinot.(controller|broker|server|core|segment)..";
  private static final String HTTP_SERVER = "io.javalin..";

  private static JavaClasses classes(String module) {
    JavaClasses classes =
        new ClassFileImporter()
            .importPath(Recount.root().resolve(module).resolve(Path.of("target", "classes")));
    if (classes.isEmpty()) {
      throw new AssertionError("Module " + module + " has no classes: build it first");
    }
    return classes;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ':',
      value = {
        "schemas/contract : dev.recount.(infra|planner|batch|speed|serving|scheduler|demo)..",
        "schemas/parquet  : dev.recount.(infra|planner|batch|speed|serving|scheduler|demo)..",
        "infra/stack      : dev.recount.(planner|batch|speed|serving|scheduler|demo)..",
        "infra/kafka      : dev.recount.(contract|planner|batch|speed|serving|scheduler|demo)..",
        "infra/pinot      : dev.recount.(contract|planner|batch|speed|serving|scheduler|demo)..",
        "schemas/planner  : dev.recount.(infra|batch|speed|serving|scheduler|demo)..",
        "batch            : dev.recount.(infra|speed|serving|scheduler|demo)..",
        "speed            : dev.recount.(infra|batch|serving|scheduler|demo)..",
        "serving          : dev.recount.(infra|planner|batch|speed|scheduler|demo)..",
        "schemas/contract : " + SPARK,
        "schemas/contract : " + HADOOP,
        "schemas/contract : " + PINOT_SERVERS,
        "schemas/contract : " + HTTP_SERVER,
        "schemas/parquet  : " + SPARK,
        "infra/stack      : " + SPARK,
        "serving          : " + SPARK,
        "serving          : " + HADOOP,
        "schemas/planner  : " + PINOT_SERVERS,
        "speed            : " + PINOT_SERVERS,
        "demo             : dev.recount.(planner|batch|speed|serving|scheduler).."
      })
  void module_doesNotKnow(String module, String packages) {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage(packages)
        .because("design: one folder, one job")
        .check(classes(module));
  }
}
