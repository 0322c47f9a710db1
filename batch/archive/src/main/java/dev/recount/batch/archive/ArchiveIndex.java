package dev.recount.batch.archive;

import dev.recount.core.catalog.ArchiveCatalog;
import dev.recount.error.RecountException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the footers of an event's files said when they were read, kept in the catalog: one text for
 * each folder of files. It only saves time. A text that is lost, old or of another version is made
 * anew from the footers; each fact in it is of a file of some length and time, and of no other.
 */
final class ArchiveIndex {
  private static final Logger LOG = LoggerFactory.getLogger(ArchiveIndex.class);
  private static final String VERSION = "2";
  private static final String SEPARATOR = "\t";
  private static final int FACTS = 15;

  private final ArchiveCatalog catalog;
  private final String event;

  ArchiveIndex(ArchiveCatalog catalog, String event) {
    this.catalog = catalog;
    this.event = event;
  }

  /**
   * What is known of all files, by path.
   *
   * @param eventFolder where the event's files are, with its scheme
   */
  Map<String, ArchiveFile> load(String eventFolder) {
    Map<String, ArchiveFile> known = new HashMap<>();
    Map<String, String> schemas = new HashMap<>();
    try {
      catalog
          .index(event)
          .forEach((folder, text) -> read(eventFolder + "/" + folder, text, schemas, known));
    } catch (RecountException e) {
      LOG.warn("{}: every footer is read, the index cannot be: {}", event, e.getMessage());
    }
    return known;
  }

  private static void read(
      String folder, String text, Map<String, String> schemas, Map<String, ArchiveFile> known) {
    String[] lines = text.split("\n");
    if (!lines[0].equals(VERSION)) {
      return;
    }
    int partition =
        Integer.parseInt(folder.substring(folder.lastIndexOf(ArchiveLayout.PARTITION_PREFIX) + 2));
    List<String> ofFolder = new ArrayList<>();
    for (int i = 1; i < lines.length; i++) {
      String[] facts = lines[i].split(SEPARATOR, -1);
      if (facts.length == 1) {
        ofFolder.add(schemas.computeIfAbsent(facts[0], json -> json));
      } else if (facts.length == FACTS) {
        ArchiveFile file = file(folder, partition, facts, ofFolder);
        known.put(file.path(), file);
      }
    }
  }

  private static ArchiveFile file(
      String folder, int partition, String[] facts, List<String> schemas) {
    return new ArchiveFile(
        folder + "/" + facts[0],
        partition,
        schemas.get(Integer.parseInt(facts[1])),
        Long.parseLong(facts[2]),
        Long.parseLong(facts[3]),
        Long.parseLong(facts[4]),
        Long.parseLong(facts[5]),
        Long.parseLong(facts[6]),
        Long.parseLong(facts[7]),
        Long.parseLong(facts[8]),
        Long.parseLong(facts[9]),
        Long.parseLong(facts[10]),
        Long.parseLong(facts[11]),
        facts[12],
        Long.parseLong(facts[13]),
        Long.parseLong(facts[14]));
  }

  private static String text(List<ArchiveFile> files) {
    List<String> schemas = files.stream().map(ArchiveFile::schema).distinct().toList();
    StringBuilder text = new StringBuilder(VERSION).append('\n');
    schemas.forEach(json -> text.append(json.replace(SEPARATOR, " ")).append('\n'));
    for (ArchiveFile file : files) {
      text.append(
              String.join(
                  SEPARATOR,
                  file.path().substring(file.path().lastIndexOf('/') + 1),
                  "" + schemas.indexOf(file.schema()),
                  "" + file.firstPosition(),
                  "" + file.nextPosition(),
                  "" + file.records(),
                  "" + file.rejected(),
                  "" + file.erased(),
                  "" + file.expired(),
                  "" + file.minArrivalMs(),
                  "" + file.maxArrivalMs(),
                  "" + file.minEventMs(),
                  "" + file.maxEventMs(),
                  file.topicId(),
                  "" + file.sizeBytes(),
                  "" + file.modifiedMs()))
          .append('\n');
    }
    return text.toString();
  }

  /**
   * Keeps what was read.
   *
   * @param files all that count
   * @param changed the folders that have files which were not known
   */
  void save(Collection<ArchiveFile> files, Set<String> changed) {
    Map<String, List<ArchiveFile>> byFolder =
        files.stream()
            .collect(
                Collectors.groupingBy(ArchiveIndex::folder, HashMap::new, Collectors.toList()));
    Map<String, String> texts = new HashMap<>();
    changed.forEach(folder -> texts.put(folder, text(byFolder.getOrDefault(folder, List.of()))));
    try {
      catalog.putIndex(event, texts, new TreeSet<>(byFolder.keySet()));
    } catch (RecountException e) {
      // Another reader has kept it at the same time, for one.
      LOG.debug("{}: the index of footers is not kept: {}", event, e.getMessage());
    }
  }

  private static String folder(ArchiveFile file) {
    String[] parts = file.path().split("/");
    return parts[parts.length - 3] + "/" + parts[parts.length - 2];
  }
}
