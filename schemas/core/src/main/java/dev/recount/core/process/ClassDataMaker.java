package dev.recount.core.process;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Makes class data, as a process of its own with the lowest priority: one file at a time, whoever
 * asks. Nobody waits for it and it says nothing; without class data all is only slower.
 */
public final class ClassDataMaker {
  /** Class data never takes the room that events need. */
  private static final long ROOM = 2L << 30;

  private static final int PATIENCE_SECONDS = 60;

  private ClassDataMaker() {}

  /** Called at the end of a command: the JVM's options tell what there is to do. */
  public static void afterCommand(boolean isTypical) {
    String used = System.getProperty("recount.class-data");
    String list = System.getProperty("recount.class-list");
    try {
      if (used != null && !isSharing() && System.getenv("RECOUNT_JAVA_OPTIONS") == null) {
        // It does not fit this JVM or is damaged; the next command begins again.
        Files.deleteIfExists(Path.of(used));
      }
      if (list != null && isTypical) {
        note(Path.of(list));
        start();
      } else if (list != null) {
        Files.deleteIfExists(Path.of(list));
      }
    } catch (IOException e) {
      // Only slower.
      return;
    }
  }

  private static boolean isSharing() {
    return System.getProperty("java.vm.info", "").contains("sharing");
  }

  /** Starts making what the programs lack, from the longest that each noted until it ended. */
  public static void start(Iterable<ClassData> programs) {
    boolean isThereAny = false;
    try {
      for (ClassData program : programs) {
        Optional<Path> longest =
            program.lists().stream().max(Comparator.comparingLong(list -> list.toFile().length()));
        if (longest.isPresent()) {
          note(longest.get());
          isThereAny = true;
        }
      }
      if (isThereAny) {
        start();
      }
    } catch (IOException e) {
      // Only slower.
      return;
    }
  }

  /** A JVM continues writing a list that has got another name. */
  private static void note(Path list) throws IOException {
    String name = list.getFileName().toString().replaceFirst("list$", "noted");
    Files.move(list, list.resolveSibling(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private static void start() throws IOException {
    List<String> command = new ArrayList<>(List.of("nice", "-n", "19", java()));
    command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("-Drecount.root=" + root());
    command.addAll(List.of("-cp", ownClasses().toString(), ClassDataMaker.class.getName()));
    // A closed terminal does not end it.
    command.addAll(0, List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh"));
    new ProcessBuilder(command)
        .directory(root().toFile())
        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static Path root() throws IOException {
    String root = System.getProperty("recount.root");
    if (root == null) {
      throw new IOException("Not started by bin/recount");
    }
    return Path.of(root);
  }

  private static Path ownClasses() throws IOException {
    try {
      return Path.of(
          ClassDataMaker.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  public static void main(String[] none) throws IOException, InterruptedException {
    Path lock = root().resolve("target/recount.class-data.lock");
    Files.createDirectories(lock.getParent());
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = channel.tryLock()) {
      // Whoever holds it makes what is noted meanwhile, too.
      Set<Path> tried = new HashSet<>();
      Optional<Path> next = held == null ? Optional.empty() : noted(root(), tried);
      while (next.isPresent()) {
        tried.add(next.get());
        tryToMake(next.get());
        next = noted(root(), tried);
      }
    }
  }

  private static void tryToMake(Path list) throws InterruptedException {
    try {
      make(list);
    } catch (IOException | RuntimeException e) {
      // Only slower; the list may be another user's.
      return;
    }
  }

  /** One of the lists of all modules that was not tried yet. */
  static Optional<Path> noted(Path root, Set<Path> tried) {
    List<Path> parents = ClassData.files(root, "*");
    return Stream.concat(
            parents.stream(),
            parents.stream().flatMap(parent -> ClassData.files(parent, "*").stream()))
        .map(module -> module.resolve("target").resolve(ClassData.FOLDER))
        .flatMap(folder -> ClassData.files(folder, "*.noted").stream())
        .filter(list -> !tried.contains(list))
        .findFirst();
  }

  private static boolean hasEnded(Path list) throws InterruptedException {
    Optional<ProcessHandle> writer = ClassData.writer(list);
    try {
      if (writer.isPresent()) {
        writer.get().onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
      return true;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  static void make(Path list) throws IOException, InterruptedException {
    ClassData data = ClassData.of(list);
    boolean hasRoom = Files.getFileStore(data.folder()).getUsableSpace() > ROOM;
    if (!data.isOfThisJava()) {
      Files.deleteIfExists(list);
      return;
    }
    if (hasRoom && data.file().isEmpty() && hasEnded(list)) {
      dump(data, list);
    }
    Files.deleteIfExists(list);
    for (Path old : data.outdated()) {
      Files.deleteIfExists(old);
    }
    for (Path left : data.lists()) {
      Files.deleteIfExists(left);
    }
  }

  private static void dump(ClassData data, Path list) throws IOException, InterruptedException {
    for (Path left : data.files("making-*")) {
      Files.delete(left);
    }
    String name = "making-" + ProcessHandle.current().pid();
    Path classes = data.folder().resolve(name + ".classes");
    Path made = data.folder().resolve(name + ".jsa");
    Charset latin1 = StandardCharsets.ISO_8859_1;
    Files.write(classes, ofLibraries(Files.readAllLines(list, latin1)), latin1);
    Process dump =
        new ProcessBuilder(
                java(),
                "-Xshare:dump",
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:SharedClassListFile=" + classes,
                "-XX:SharedArchiveFile=" + made,
                "-cp",
                Files.readString(data.libraries()).strip())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (dump.waitFor() == 0 && Files.exists(made)) {
      for (Path old : data.files(data.name() + ".*.jsa")) {
        Files.delete(old);
      }
      Files.move(made, data.named(Files.size(made)), StandardCopyOption.ATOMIC_MOVE);
    }
    Files.deleteIfExists(made);
    Files.delete(classes);
  }

  /** Without Recount's own classes, and without those that no file has. */
  static List<String> ofLibraries(List<String> lines) {
    return lines.stream()
        .filter(line -> !line.contains("dev/recount/"))
        .filter(line -> !line.contains("$Proxy") && !line.contains(" source: "))
        .toList();
  }
}
