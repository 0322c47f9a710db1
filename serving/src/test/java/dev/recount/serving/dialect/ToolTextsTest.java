package dev.recount.serving.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.view.ViewPlan;
import dev.recount.serving.answer.PinotQuery;
import dev.recount.serving.bind.Binder;
import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.gateway.Plans;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What tools send is understood, and becomes one question to Pinot that merges rightly. */
class ToolTextsTest {
  private static final Instant NOW = Instant.parse("2015-05-18T00:00:00Z");

  /** A text, who sends it, and what Pinot is asked. */
  record Case(String who, String text, String asked) {
    static Case of(String section) {
      String[] parts = section.split("\n=>\n?", 2);
      String[] said = parts[0].split("\n", 2);
      return new Case(said[0], said[1], parts[1].strip());
    }

    @Override
    public String toString() {
      return who;
    }
  }

  static Stream<Case> cases() throws IOException {
    try (InputStream file = ToolTextsTest.class.getResourceAsStream("texts-of-tools.txt")) {
      String all = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      return Arrays.stream(all.split("(?m)^## ")).skip(1).map(Case::of);
    }
  }

  /** {@link Plans#traffic}, whose requests are its count(*). */
  static ViewPlan plan() {
    ViewPlan plan = Plans.traffic("tools");
    return new ViewPlan(
        plan.view(),
        1,
        plan.event(),
        plan.sql(),
        plan.header(),
        plan.indexes(),
        plan.dimensions(),
        plan.measures(),
        null,
        List.of("requests"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void textOfATool_isAskedAsOneQuestion(Case text) {
    assertThat(asked(text.text())).isEqualTo(text.asked());
  }

  /** What Pinot is asked for groups, what the gateway then leaves out, and the columns. */
  static String asked(String text) {
    PinotSql sql = PinotSql.parse(text);
    assertThat(sql.view()).isEqualTo("tools");
    assertThat(sql.isRolledUp()).isFalse();
    BoundQuery query = Binder.bind(sql.of(plan(), NOW, List.of()), plan());
    long limit = query.limit() == null ? 1_000 : query.limit();
    return Stream.of(
            new PinotQuery(query, "tools_v1", "").groups(false, false, limit),
            query.having() == null ? "" : "HAVING " + query.having(),
            query.outputs().stream().map(o -> o.name() + " " + o.expression().type()).toList() + "")
        .filter(line -> !line.isEmpty())
        .collect(Collectors.joining("\n"));
  }
}
