package dev.recount.batch.segment;

import dev.recount.batch.lake.FinishedFile;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.pinot.common.utils.TarGzCompressionUtils;
import org.apache.pinot.segment.local.segment.creator.impl.SegmentIndexCreationDriverImpl;
import org.apache.pinot.segment.spi.creator.SegmentGeneratorConfig;
import org.apache.pinot.spi.config.table.TableConfig;
import org.apache.pinot.spi.data.Schema;
import org.apache.pinot.spi.utils.JsonUtils;
import org.apache.spark.SparkEnv;
import org.apache.spark.util.Utils;

/** Turns rows into Pinot segments by Pinot's own builder; runs inside a Spark task. */
public final class SegmentBuilder {
  /** Most rows of one segment: they are in memory while it is built. */
  public static final int MAX_ROWS = 500_000;

  /** Most bytes of the strings and sketches of one segment, but for its last row. */
  public static final long MAX_BYTES = 256L << 20;

  private final SegmentSpec spec;
  private final Configuration hadoop;
  private final File scratch;

  /** A builder inside Spark, which keeps there what is needed only while it builds. */
  public SegmentBuilder(SegmentSpec spec, Configuration hadoop) {
    this(spec, hadoop, scratch());
  }

  /**
   * @param scratch for what is needed only while it builds
   */
  public SegmentBuilder(SegmentSpec spec, Configuration hadoop, File scratch) {
    this.spec = spec;
    this.hadoop = hadoop;
    this.scratch = scratch;
  }

  /** Builds the segments of one row that only move Pinot's time boundary to a cut. */
  public List<BuiltSegment> buildSentinels(ViewPlan plan, Cut cut, int number) {
    SegmentBuilder later =
        new SegmentBuilder(spec.withArrived(cut.sentinelArrivedMs()), hadoop, scratch);
    List<BuiltSegment> built = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      built.add(
          later.build(
              SegmentNames.sentinel(spec.table(), spec.runId(), i),
              List.<Object[]>of(Sentinel.row(plan))));
    }
    return built;
  }

  /** Builds as many segments as the rows of a task need; none for no rows. */
  List<BuiltSegment> buildAll(int task, Iterator<Object[]> rows) {
    List<BuiltSegment> built = new ArrayList<>();
    while (rows.hasNext()) {
      List<Object[]> chunk = next(rows, MAX_ROWS, MAX_BYTES);
      built.add(build(SegmentNames.data(spec.table(), spec.runId(), task, built.size()), chunk));
    }
    return built;
  }

  /** The rows of the next segment. */
  static List<Object[]> next(Iterator<Object[]> rows, int maxRows, long maxBytes) {
    List<Object[]> chunk = new ArrayList<>();
    long bytes = 0;
    while (rows.hasNext() && chunk.size() < maxRows && bytes < maxBytes) {
      Object[] row = rows.next();
      for (Object value : row) {
        bytes += bytes(value);
      }
      chunk.add(row);
    }
    return chunk;
  }

  private static long bytes(Object value) {
    if (value instanceof String text) {
      return text.length();
    }
    return value instanceof byte[] sketch ? sketch.length : 0;
  }

  public BuiltSegment build(String name, List<Object[]> rows) {
    File work = null;
    try {
      work = Files.createTempDirectory(scratch.toPath(), "recount-segment-").toFile();
      SegmentIndexCreationDriverImpl driver = new SegmentIndexCreationDriverImpl();
      driver.init(settings(name, work), new RowsReader(spec.columns(), rows, spec.arrivedMs()));
      driver.build();
      File packed = new File(work, name + ".tar.gz");
      TarGzCompressionUtils.createTarGzFile(new File(work, name), packed);
      Path target = new Path(spec.folder(), packed.getName());
      put(packed, target);
      return new BuiltSegment(name, target.toString(), rows.size(), packed.length());
    } catch (Exception e) {
      throw RecountException.of(
          ErrorCode.BATCH_FAILED,
          e,
          "Cannot build segment '%s' of %s rows: %s",
          name,
          rows.size(),
          e.getMessage());
    } finally {
      FileUtils.deleteQuietly(work);
    }
  }

  /** Where Spark keeps what this process needs only while it runs. */
  private static File scratch() {
    SparkEnv spark = SparkEnv.get();
    return new File(
        spark == null ? System.getProperty("java.io.tmpdir") : Utils.getLocalDir(spark.conf()));
  }

  private SegmentGeneratorConfig settings(String name, File work) throws IOException {
    SegmentGeneratorConfig settings =
        new SegmentGeneratorConfig(
            JsonUtils.stringToObject(spec.tableJson(), TableConfig.class),
            Schema.fromString(spec.schemaJson()));
    settings.setOutDir(work.getPath());
    settings.setSegmentName(name);
    settings.setTableName(spec.table());
    return settings;
  }

  private void put(File packed, Path target) throws IOException {
    FileSystem files = target.getFileSystem(hadoop);
    Path unfinished = new Path(target.getParent(), "_" + UUID.randomUUID());
    files.copyFromLocalFile(false, true, new Path(packed.toURI()), unfinished);
    FinishedFile.put(files, unfinished, target);
  }
}
