package dev.recount.serving.gateway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;

/** Lines of Java that docs/asking.md shows. */
final class PageExample {
  private PageExample() {}

  /**
   * The lines for which something has to be installed.
   *
   * @param with what that is
   */
  static String of(String with) throws IOException {
    Path page = Path.of(System.getProperty("recount.root"), "docs", "asking.md");
    Matcher block =
        Pattern.compile("```java with=" + with + "\\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(page));
    if (!block.find()) {
      throw new AssertionError("There is no example with " + with);
    }
    return block.group(1);
  }

  /**
   * What they print.
   *
   * @param folder for their class
   */
  static String output(String lines, Path folder) throws Exception {
    String text =
        "public class Example { public static void main(String[] a) throws Exception {\n"
            + lines
            + "}}";
    Path file = Files.writeString(folder.resolve("Example.java"), text);
    String classes =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int code =
        ToolProvider.getSystemJavaCompiler()
            .run(null, said, said, "-cp", classes, "-d", folder.toString(), file.toString());
    if (code != 0) {
      throw new AssertionError(said.toString(StandardCharsets.UTF_8));
    }
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (URLClassLoader loader =
        new URLClassLoader(
            new URL[] {folder.toUri().toURL()}, PageExample.class.getClassLoader())) {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      loader
          .loadClass("Example")
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }
}
