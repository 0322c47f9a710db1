package dev.recount.batch.run;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.StorageStatistics;

/** What a run has cost so far: what its process has used since the run began. */
final class RunCosts {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String PEAK = "VmHWM:";
  private static final int KIB = 1024;

  private final long cpuNanos = cpu();
  private final long read = sum("bytesRead");
  private final long written = sum("bytesWritten");

  double cpuSeconds() {
    return (cpu() - cpuNanos) / 1e9;
  }

  /** From the archive and the lake. */
  long bytesRead() {
    return sum("bytesRead") - read;
  }

  /** To the lake. */
  long bytesWritten() {
    return sum("bytesWritten") - written;
  }

  private static long cpu() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  /** Over the file systems of all kinds. */
  private static long sum(String statistic) {
    long sum = 0;
    Iterator<StorageStatistics> kinds = FileSystem.getGlobalStorageStatistics().iterator();
    while (kinds.hasNext()) {
      Long value = kinds.next().getLong(statistic);
      sum += value == null ? 0 : value;
    }
    return sum;
  }

  /**
   * The most memory that the process has held since it began. Where the system does not say, the
   * peaks of the JVM's pools are added up, which is a little more than was held at any one time.
   */
  static long peakMemoryBytes() {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(PEAK))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
          .findFirst()
          .orElseGet(RunCosts::peakOfPools);
    } catch (IOException e) {
      return peakOfPools();
    }
  }

  private static long peakOfPools() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .map(MemoryPoolMXBean::getPeakUsage)
        .filter(usage -> usage != null)
        .mapToLong(usage -> usage.getUsed())
        .sum();
  }
}
