package dev.recount.speed;

import dev.recount.contract.cut.Cut;
import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import dev.recount.contract.event.EventSchema;
import dev.recount.contract.view.StoredColumn;
import dev.recount.planner.EventRows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;

/**
 * From records (value, arrival in milliseconds) to rows of the event with the arrival bucket as
 * last column. Records that cannot be decoded are counted and left out; the archive writer is the
 * one that makes dead letters of them.
 */
final class Decoding implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  private final String event;
  private final long grainMs;
  private final LongAccumulator undecodable;

  Decoding(String event, Duration grain, LongAccumulator undecodable) {
    this.event = event;
    this.grainMs = grain.toMillis();
    this.undecodable = undecodable;
  }

  /** What the rows look like. */
  static StructType type(EventSchema schema) {
    return EventRows.type(schema).add(StoredColumn.ARRIVED, DataTypes.LongType, false);
  }

  @Override
  public Iterator<Row> call(Iterator<Row> records) {
    List<Row> rows = new ArrayList<>();
    try (EventDecoders.Loan loan = EventDecoders.borrow(event)) {
      while (records.hasNext()) {
        decode(loan.decoder(), records.next(), rows);
      }
    }
    return rows.iterator();
  }

  private void decode(EventRows decoder, Row record, List<Row> rows) {
    Row fields;
    try {
      fields = decoder.decode(record.isNullAt(0) ? null : record.<byte[]>getAs(0));
    } catch (RecountException e) {
      if (e.code() != ErrorCode.EVENT_UNDECODABLE) {
        throw e;
      }
      undecodable.add(1);
      return;
    }
    Object[] values = new Object[fields.length() + 1];
    for (int i = 0; i < fields.length(); i++) {
      values[i] = fields.get(i);
    }
    values[fields.length()] = Cut.bucket(record.getLong(1), Duration.ofMillis(grainMs));
    rows.add(RowFactory.create(values));
  }
}
