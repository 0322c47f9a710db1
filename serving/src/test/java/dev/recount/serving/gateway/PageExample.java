package dev.recount.serving.gateway;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
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
            // Threads of Pinot's clients outlive what they are asked with.
            + "\nSystem.out.flush();\nSystem.exit(0);\n}}";
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
    // In a JVM of their own: what they close, Pinot's clients share.
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                folder + File.pathSeparator + classes,
                "Example")
            .redirectError(folder.resolve("errors").toFile())
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(printed + Files.readString(folder.resolve("errors")));
    }
    return printed;
  }
}
