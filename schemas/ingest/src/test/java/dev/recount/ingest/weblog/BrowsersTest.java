package dev.recount.ingest.weblog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import ua_parser.Parser;

class BrowsersTest {
  private static final List<String> AGENTS =
      List.of(
          "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0",
          "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
          "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
          "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
          "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
          "Mozilla/5.0 (Linux; Android 7.0;) AppleWebKit/537.36 (compatible; PetalBot;+https://webmaster.petalsearch.com/site/petalbot)",
          "Mozilla/5.0 (Linux; U; Android 4.0.3; en-us; KFTT) AppleWebKit/535.19 Silk/3.13",
          "Mozilla/5.0 (SymbianOS/9.4; Series60/5.0 NokiaN97-1/20.0) yahoo",
          "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
          "curl/8.5.0",
          "python-requests/2.31.0",
          "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80; U; en) Presto/2.5.25",
          "FeedBurner/1.0",
          "NING/1.0",
          "",
          "x");

  @Test
  void familyAndBot_areTheLibrarys() {
    Parser library = new Parser();
    Browsers browsers = new Browsers();
    for (String agent : AGENTS) {
      assertThat(browsers.agent(agent))
          .as(agent)
          .isEqualTo(
              new Browsers.Agent(
                  library.parseUserAgent(agent).family,
                  library.parseDevice(agent).family.equals("Spider")));
    }
    assertThat(AGENTS.stream().filter(agent -> browsers.agent(agent).isBot()))
        .hasSizeGreaterThan(4)
        .hasSizeLessThan(AGENTS.size() - 4);
    assertThat(browsers.agent(null)).isEqualTo(new Browsers.Agent(null, false));
  }

  @Test
  void longAgent_takesNoLonger() {
    String much = "Mozilla like Gecko ".repeat(50_000);
    assertThat(new Browsers().agent(much + "Googlebot/2.1").isBot()).isFalse();
    assertThat(new Browsers().agent("Googlebot/2.1 " + much).isBot()).isTrue();
  }

  @Provide
  Arbitrary<String> expressions() {
    Arbitrary<String> atoms =
        Arbitraries.of(
            "a",
            "B",
            "ab",
            "bc/",
            "\\.",
            "\\d",
            ".",
            "[ab]",
            "[^]a]",
            "^",
            "(?:ab|c)",
            "(a|bcd|)",
            "(?=ab)",
            "(?!bc)",
            "(ab|(?:ca|bb)c)",
            "$",
            "\\-");
    Arbitrary<String> often =
        Arbitraries.of(
            "", "", "", "?", "*", "+", "{0,2}", "{1,2}", "{2}", "+?", "*?", "??", "{0,3}?");
    Arbitrary<String> part =
        net.jqwik.api.Combinators.combine(atoms, often)
            .as((atom, many) -> "^$".contains(atom) ? atom : atom + many);
    Arbitrary<String> sequence =
        part.list().ofMinSize(1).ofMaxSize(6).map(list -> String.join("", list));
    return sequence.list().ofMinSize(1).ofMaxSize(3).map(list -> String.join("|", list));
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.strings().withChars("abcABC./-1d").ofMaxLength(12);
  }

  @Property(tries = 20_000, seed = "1")
  void words_areInEveryTextThatFits(
      @ForAll("expressions") String expression, @ForAll("texts") String text) {
    if (Pattern.compile(expression, Pattern.CASE_INSENSITIVE).matcher(text).find()) {
      assertThat(RequiredWords.of(expression).mayFit(text.toLowerCase(java.util.Locale.ROOT)))
          .as(expression + " in " + text)
          .isTrue();
    }
  }

  @Test
  void words_areFound() {
    assertThat(RequiredWords.of("^.{0,100}(bot|crawl)").mayFit("mozilla")).isFalse();
    assertThat(RequiredWords.of("^.{0,100}(bot|crawl)").mayFit("a robot")).isTrue();
    assertThat(RequiredWords.of("Fire(fox|bird)/\\d+").mayFit("fire")).isTrue();
    assertThat(RequiredWords.of("Firefox/\\d+").mayFit("chrome/")).isFalse();
    assertThat(RequiredWords.of("\\d+").mayFit("x")).isTrue();
    assertThat(RequiredWords.of("(?i)bot").mayFit("x")).isTrue();
    assertThat(RequiredWords.of("a(").mayFit("x")).isTrue();
  }
}
