package dev.recount.infra.demo;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SliceRule;
import dev.recount.infra.demo.drive.Recount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One folder, one job: what a module and a package must not know. */
class ModulesTest {
  private static final String ROOT = "dev.recount.";
  private static final String SPARK = "org.apache.spark..";
  private static final String HADOOP = "org.apache.hadoop..";
  private static final String PINOT_SERVERS =
      "org.apache.pinot.(controller|broker|server|core|segment)..";
  private static final String HTTP_SERVER = "io.javalin..";
  private static final String STACK = "dev.recount.infra.(kafka|pinot|stack|demo)..";

  private static final List<String> MODULES =
      List.of(
          "schemas/event",
          "schemas/core",
          "schemas/ingest",
          "schemas/planner",
          "schemas/apply",
          "batch/archive",
          "batch/recompute",
          "speed",
          "serving",
          "serving/query",
          "schemas/cases",
          "scheduler",
          "infra/clients",
          "infra/kafka",
          "infra/pinot",
          "infra/stack",
          "infra/demo");

  private static final Map<String, JavaClasses> CLASSES = new HashMap<>();

  private static JavaClasses of(String module) {
    return CLASSES.computeIfAbsent(
        module, name -> new ClassFileImporter().importPath(folder(name)));
  }

  private static JavaClasses all() {
    return new ClassFileImporter().importPaths(MODULES.stream().map(ModulesTest::folder).toList());
  }

  private static Path folder(String module) {
    Path folder = Recount.root().resolve(module).resolve(Path.of("target", "classes"));
    if (!Files.isDirectory(folder)) {
      throw new AssertionError("Module " + module + " has no classes: build it first");
    }
    return folder;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ':',
      value = {
        "schemas/core    : dev.recount.(ingest|planner|apply|batch|speed|serving|scheduler|infra|cases)..",
        "schemas/core    : " + SPARK,
        "schemas/core    : " + HADOOP,
        "schemas/core    : " + PINOT_SERVERS,
        "schemas/core    : " + HTTP_SERVER,
        "schemas/ingest  : dev.recount.(planner|apply|batch|speed|serving|scheduler|cases)..",
        "schemas/ingest  : " + STACK,
        "schemas/ingest  : " + SPARK,
        "schemas/ingest  : " + PINOT_SERVERS,
        "schemas/planner : dev.recount.(ingest|apply|batch|speed|serving|scheduler|infra|cases)..",
        "schemas/planner : " + PINOT_SERVERS,
        "schemas/apply   : dev.recount.(ingest|batch|speed|serving|scheduler|cases)..",
        "schemas/apply   : " + STACK,
        "batch/archive   : dev.recount.(ingest|planner|apply|speed|serving|scheduler|cases)..",
        "batch/archive   : dev.recount.batch.(cut|compute|lake|segment|publish|run|audit)..",
        "batch/archive   : " + STACK,
        "batch/archive   : " + SPARK,
        "batch/recompute : dev.recount.(ingest|apply|speed|serving|scheduler|cases)..",
        "batch/recompute : " + STACK,
        "speed           : dev.recount.(ingest|apply|batch|serving|scheduler|cases)..",
        "speed           : " + STACK,
        "speed           : " + PINOT_SERVERS,
        "serving         : dev.recount.(planner|apply|batch|speed|scheduler|cases)..",
        "serving         : dev.recount.ingest.(avro|command|parquet)..",
        "serving         : " + STACK,
        "serving         : " + SPARK,
        "serving         : " + HADOOP,
        "serving/query   : dev.recount.(ingest|planner|apply|batch|speed|scheduler|event|cases)..",
        "schemas/cases   : dev.recount.ingest.(command|door|letters|source|parquet|avro|weblog)..",
        "schemas/cases   : dev.recount.batch.(archive|cut|lake|segment|publish|run|audit|clean|delta|erase)..",
        "schemas/cases   : dev.recount.serving.(gateway|http)..",
        "schemas/cases   : dev.recount.scheduler..",
        "schemas/cases   : " + STACK,
        "schemas/cases   : " + PINOT_SERVERS,
        "scheduler       : dev.recount.(ingest|planner|apply|batch|speed|serving|cases)..",
        "scheduler       : " + STACK,
        "scheduler       : " + SPARK,
        "scheduler       : " + HADOOP,
        "infra/clients   : dev.recount.(ingest|planner|apply|batch|speed|serving|scheduler|cases)..",
        "infra/clients   : " + STACK,
        "infra/kafka     : dev.recount.(core|ingest|planner|apply|batch|speed|serving|scheduler|cases)..",
        "infra/pinot     : dev.recount.(core|ingest|planner|apply|batch|speed|serving|scheduler|cases)..",
        "infra/stack     : dev.recount.(ingest|planner|apply|batch|speed|serving|scheduler|cases)..",
        "infra/stack     : dev.recount.infra.(kafka|pinot|demo)..",
        "infra/stack     : " + SPARK,
        "infra/demo      : dev.recount.(planner|apply|batch|speed|serving|scheduler|cases).."
      })
  void module_doesNotKnow(String module, String packages) {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage(packages)
        .because("design: one folder, one job")
        .check(of(module));
  }

  @Test
  void eventModule_isWhatAProducerTakes() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "dev.recount.event..",
            "dev.recount.error..",
            "dev.recount.text..",
            "org.apache.avro..",
            "org.apache.kafka..",
            "com.fasterxml.jackson..")
        .because("a producer's program has Avro and the Kafka client, and should need no more")
        .check(of("schemas/event"));
  }

  @Test
  void packages_knowEachOtherInOneDirection() {
    slices().matching("dev.recount.(**)").should().beFreeOfCycles().check(all());
  }

  /** Dependencies that close a circle of classes and are kept. */
  private static final List<Kept> KEPT =
      List.of(
          // What says which kinds of it there are, and makes them.
          new Kept("batch.archive.ArchiveStore", "LocalArchiveStore"),
          new Kept("batch.archive.ArchiveStore", "HdfsArchiveStore"),
          new Kept("serving.merge.Aggregate", "DimensionAggregate"),
          new Kept("serving.merge.Aggregate", "MeasureAggregate"),
          new Kept("serving.merge.Aggregate", "ThetaSet"));

  /**
   * @param from below dev.recount
   * @param to in the same package
   */
  private record Kept(String from, String to) {
    boolean isFrom(JavaClass type) {
      return outermost(type).equals(ROOT + from);
    }

    boolean isTo(JavaClass type) {
      return outermost(type).equals(ROOT + from.substring(0, from.lastIndexOf('.') + 1) + to);
    }
  }

  @Test
  void classes_knowEachOtherInOneDirection() {
    SliceRule rule = slices().assignedFrom(new OuterClasses()).should().beFreeOfCycles();
    for (Kept kept : KEPT) {
      rule =
          rule.ignoreDependency(
              describe(kept.from(), kept::isFrom), describe(kept.to(), kept::isTo));
    }
    rule.check(all());
  }

  private static String outermost(JavaClass type) {
    return type.getName().replaceFirst("\\$.*", "");
  }

  /** Each class with those that are nested in it. */
  private static final class OuterClasses implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      return SliceIdentifier.of(outermost(type));
    }

    @Override
    public String getDescription() {
      return "classes with those nested in them";
    }
  }
}
