package dev.recount.infra.demo;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Sends what a command of curl on a page of the documentation would. */
final class Curl {
  private static final Pattern COMMAND = Pattern.compile("(?m)^curl (.*?) *(?:# .*)?$");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");

  private Curl() {}

  /** The commands of a page, each without {@code curl} and without what is said of it. */
  static List<String> commands(String page) {
    return COMMAND.matcher(page).results().map(match -> match.group(1)).toList();
  }

  /** The words of a command, without their quotes. */
  static List<String> words(String command) {
    List<String> words = new ArrayList<>();
    for (Matcher word = WORD.matcher(command); word.find(); ) {
      words.add(
          Stream.of(1, 2, 3).map(word::group).filter(Objects::nonNull).findFirst().orElseThrow());
    }
    return words;
  }

  /**
   * Sends a command's request.
   *
   * @param port in the place of 8080
   */
  static HttpResponse<String> send(String command, int port) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder();
    List<String> words = words(command);
    List<String> data = new ArrayList<>();
    boolean isGet = words.contains("-G");
    String url = null;
    for (int i = 0; i < words.size(); i++) {
      switch (words.get(i)) {
        // How it says what it got, and what goes over the wire.
        case "-s", "-sS", "-G", "--fail", "--compressed" -> {}
        case "-H" -> {
          String[] header = words.get(++i).split(": ", 2);
          request.header(header[0], header[1]);
        }
        case "-u" -> {
          byte[] user = words.get(++i).getBytes(StandardCharsets.UTF_8);
          request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(user));
        }
        case "-d" -> data.add(words.get(++i));
        case "--data-urlencode" -> {
          String[] field = words.get(++i).split("=", 2);
          data.add(field[0] + "=" + URLEncoder.encode(field[1], StandardCharsets.UTF_8));
        }
        default -> url = words.get(i).replace(":8080", ":" + port);
      }
    }
    String all = String.join("&", data);
    if (!isGet && !data.isEmpty()) {
      request.POST(HttpRequest.BodyPublishers.ofString(all));
    }
    request.uri(URI.create(isGet && !data.isEmpty() ? url + "?" + all : url));
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
