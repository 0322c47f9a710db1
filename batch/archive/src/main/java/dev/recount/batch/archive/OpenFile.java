package dev.recount.batch.archive;

import dev.recount.event.EventSchema;
import java.io.IOException;
import java.time.Clock;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetWriter;

/** A file of the archive that is being written: one partition, one arrival date. */
public final class OpenFile {
  private final EventSchema schema;
  private final LocalDate date;
  private final long firstPosition;
  private final long openedMs;
  private final Path committed;
  private final PendingFile pending;
  private final ArchiveRow row;
  private final ParquetWriter<ArchiveRow> parquet;
  private final Map<String, String> footer = new LinkedHashMap<>();

  private long records;
  private long rejected;
  private long minArrivalMs = Long.MAX_VALUE;
  private long maxArrivalMs = Long.MIN_VALUE;

  /** What all files of one writer share. */
  public record Target(
      ArchiveStore store, ArchiveLayout layout, Configuration hadoop, String writer, Clock clock) {}

  public OpenFile(
      Target target, EventSchema schema, int partition, long firstPosition, LocalDate date)
      throws IOException {
    this.schema = schema;
    this.date = date;
    this.firstPosition = firstPosition;
    this.openedMs = target.clock().millis();
    this.committed = target.layout().committed(date, partition, firstPosition);
    this.pending =
        target
            .store()
            .create(
                target
                    .layout()
                    .temporary(partition, firstPosition, target.writer() + "-" + UUID.randomUUID()),
                committed);
    Schema rows = ArchiveRow.schema(schema.avro());
    this.row = new ArchiveRow(rows, partition);
    footer.put(ArchiveLayout.WRITER, target.writer());
    footer.put(ArchiveLayout.SCHEMA_FINGERPRINT, String.format("%016x", schema.fingerprint()));
    footer.put(ArchiveLayout.FIRST_POSITION, String.valueOf(firstPosition));
    try {
      this.parquet = ArchiveParquet.writer(pending, schema, rows, footer, target.hadoop());
    } catch (IOException | RuntimeException e) {
      pending.discard();
      throw e;
    }
  }

  /** Says in the footer which topic the records are from; a topic created again has another id. */
  void topicId(String id) {
    footer.put(ArchiveLayout.TOPIC_ID, id);
  }

  public void write(GenericRecord event, long offset, long arrivedMs) throws IOException {
    row.set(event, offset, arrivedMs);
    parquet.write(row);
    records++;
    arrived(arrivedMs);
  }

  /** Counts a record that could not be decoded. */
  void reject(long arrivedMs) {
    rejected++;
    arrived(arrivedMs);
  }

  private void arrived(long arrivedMs) {
    minArrivalMs = Math.min(minArrivalMs, arrivedMs);
    maxArrivalMs = Math.max(maxArrivalMs, arrivedMs);
  }

  /** Its path once it is committed. */
  Path committed() {
    return committed;
  }

  EventSchema schema() {
    return schema;
  }

  LocalDate date() {
    return date;
  }

  long firstPosition() {
    return firstPosition;
  }

  long openedMs() {
    return openedMs;
  }

  long records() {
    return records;
  }

  long rejected() {
    return rejected;
  }

  long sizeBytes() {
    return parquet.getDataSize();
  }

  /**
   * Finishes the file and commits it.
   *
   * @param nextPosition where the next file begins
   * @throws IOException if it is unknown whether the file was committed
   */
  public PendingFile.Outcome commit(long nextPosition) throws IOException {
    footer.put(ArchiveLayout.NEXT_POSITION, String.valueOf(nextPosition));
    footer.put(ArchiveLayout.REJECTED, String.valueOf(rejected));
    footer.put(ArchiveLayout.MIN_ARRIVAL, String.valueOf(minArrivalMs));
    footer.put(ArchiveLayout.MAX_ARRIVAL, String.valueOf(maxArrivalMs));
    parquet.close();
    return pending.commit();
  }

  void discard() {
    pending.discard();
  }
}
