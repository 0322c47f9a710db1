package dev.recount.core.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The class data of one program: the library classes that it used when it first ran, as the JVM
 * keeps them in memory (an archive of class-data sharing). A JVM that maps it starts in less than
 * half the time. Its file is {@code <program>-<java version>.<bytes>.jsa}, below the module's
 * target folder; beside it are the lists of classes that it is made of, {@code <program>-<java
 * version>.pid<n>.list} while they are written and {@code .noted} once they are usable. {@code
 * bin/recount} uses the same files.
 */
public final class ClassData {
  /** The module's class path but for Recount's own classes, which change with each build. */
  public static final String LIBRARIES = "recount.libraries";

  static final String FOLDER = "class-data";

  /** "use": makes none; "off": uses none either. */
  private static final String SETTING = "RECOUNT_CLASS_DATA";

  private static final Pattern LIST = Pattern.compile("(.+)\\.pid(\\d+)\\.(list|noted)");

  /** Where an archive names the JVM that wrote it. */
  private static final int HEADER = 1024;

  private final Path target;
  private final String name;

  private ClassData(Path target, String name) {
    this.target = target;
    this.name = name;
  }

  public static ClassData of(Path module, String program) {
    return new ClassData(
        module.resolve("target"), program + "-" + System.getProperty("java.version"));
  }

  /** The class data that a list of classes is for. */
  static ClassData of(Path list) {
    Matcher matcher = matcher(list);
    return new ClassData(list.getParent().getParent(), matcher.group(1));
  }

  private static Matcher matcher(Path list) {
    Matcher matcher = LIST.matcher(list.getFileName().toString());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("Not a list of classes: " + list);
    }
    return matcher;
  }

  /** The process that writes the list, where it still runs. */
  static Optional<ProcessHandle> writer(Path list) {
    return ProcessHandle.of(Long.parseLong(matcher(list).group(2)));
  }

  /** What to tell a JVM: to use the class data, or to note which classes it loads. */
  public List<String> options() {
    String setting = System.getenv().getOrDefault(SETTING, "");
    if (setting.equals("off")) {
      return List.of();
    }
    Optional<Path> file = file();
    if (file.isPresent()) {
      // One that does not fit is not worth a word.
      return List.of(
          "-XX:SharedArchiveFile=" + file.get(), "-XX:+VerifySharedSpaces", "-Xlog:cds*=off");
    }
    return setting.isEmpty() && canWrite()
        ? List.of("-XX:DumpLoadedClassList=" + folder().resolve(name + ".%p.list"))
        : List.of();
  }

  private boolean canWrite() {
    try {
      Files.createDirectories(folder());
    } catch (IOException e) {
      return false;
    }
    return Files.isWritable(folder());
  }

  /** Whether this JVM's Java uses it: each version has its own. */
  boolean isOfThisJava() {
    return name.endsWith("-" + System.getProperty("java.version"));
  }

  /** What earlier versions of Java left of the same program. */
  List<Path> outdated() {
    String program = name.substring(0, name.length() - System.getProperty("java.version").length());
    Pattern named = Pattern.compile(Pattern.quote(program) + "(\\d.*)\\.(\\d+\\.jsa|pid\\d+\\..+)");
    return files(program + "[0-9]*").stream()
        .filter(
            file -> {
              Matcher matcher = named.matcher(file.getFileName().toString());
              return matcher.matches() && isEarlier(matcher.group(1));
            })
        .toList();
  }

  private static boolean isEarlier(String java) {
    try {
      // Without the build's number, which Runtime.version() has.
      Runtime.Version own = Runtime.Version.parse(System.getProperty("java.version"));
      return Runtime.Version.parse(java).compareTo(own) < 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  Path folder() {
    return target.resolve(FOLDER);
  }

  String name() {
    return name;
  }

  Path libraries() {
    return target.resolve(LIBRARIES);
  }

  /** The file that this JVM could use. */
  Optional<Path> file() {
    return files(name + ".*.jsa").stream().filter(this::fits).findFirst();
  }

  /**
   * The JVM looks at the rest: whether the libraries are the same, and whether all bytes are. One
   * that was cut off would end it.
   */
  private boolean fits(Path file) {
    try {
      FileTime made = Files.getLastModifiedTime(file);
      return file.equals(named(Files.size(file)))
          && made.compareTo(Files.getLastModifiedTime(libraries())) > 0
          && header(file).contains(System.getProperty("java.vm.version"));
    } catch (IOException e) {
      return false;
    }
  }

  private static String header(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readNBytes(HEADER), StandardCharsets.ISO_8859_1);
    }
  }

  Path named(long bytes) {
    return folder().resolve(name + "." + bytes + ".jsa");
  }

  /** The lists whose writers have ended. */
  List<Path> lists() {
    return files(name + ".pid*").stream().filter(list -> writer(list).isEmpty()).toList();
  }

  List<Path> files(String pattern) {
    return files(folder(), pattern);
  }

  /** None in a folder that is missing or cannot be read: all is only slower. */
  static List<Path> files(Path folder, String pattern) {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, pattern)) {
      List<Path> files = new ArrayList<>();
      found.forEach(files::add);
      return files;
    } catch (IOException | DirectoryIteratorException e) {
      return List.of();
    }
  }
}
