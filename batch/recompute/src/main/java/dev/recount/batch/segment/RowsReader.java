package dev.recount.batch.segment;

import dev.recount.core.view.StoredColumn;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.pinot.spi.data.readers.GenericRow;
import org.apache.pinot.spi.data.readers.RecordReader;
import org.apache.pinot.spi.data.readers.RecordReaderConfig;

/** Hands rows that are in memory to Pinot's segment builder, which reads them twice. */
final class RowsReader implements RecordReader {
  private static final long serialVersionUID = 1L;

  private final ArrayList<String> columns;
  private final transient List<Object[]> rows;
  private final long arrivedMs;
  private int next;

  RowsReader(ArrayList<String> columns, List<Object[]> rows, long arrivedMs) {
    this.columns = columns;
    this.rows = rows;
    this.arrivedMs = arrivedMs;
  }

  @Override
  public void init(File file, Set<String> fields, RecordReaderConfig config) {
    rewind();
  }

  @Override
  public boolean hasNext() {
    return next < rows.size();
  }

  @Override
  public GenericRow next() {
    return next(new GenericRow());
  }

  @Override
  public GenericRow next(GenericRow row) {
    Object[] values = rows.get(next++);
    for (int i = 0; i < values.length; i++) {
      row.putValue(columns.get(i), values[i]);
    }
    row.putValue(StoredColumn.ARRIVED, arrivedMs);
    row.putValue(StoredColumn.CHUNK, StoredColumn.NO_CHUNK);
    return row;
  }

  @Override
  public void rewind() {
    next = 0;
  }

  @Override
  public void close() {
    rewind();
  }
}
