package dev.recount.ingest.source;

import dev.recount.core.Json;
import dev.recount.core.letter.DeadLetter;
import dev.recount.error.RecountException;
import dev.recount.ingest.mapping.RecordFormat;
import dev.recount.ingest.mapping.RecordLayout;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Some whole records of a source.
 *
 * @param layout how they are written
 * @param first the number of the first one. Records are numbered by the lines that they begin in,
 *     from 1; those that have no lines of their own, by their place
 * @param bytes holds the records in its first {@code length} bytes
 * @param records where in them they are
 */
public record LineChunk(
    LineSource source, RecordLayout layout, long first, byte[] bytes, int length, Records records) {

  /** Tells where the records of a chunk are. */
  interface Records {
    public void forEach(LineChunk chunk, Visitor visitor);
  }

  /** Receives a record. */
  interface Visitor {
    /**
     * @param size how many bytes the record has; more than are there if it was too large to hold
     */
    void visit(long number, int from, int to, long size);
  }

  /** A record, on its way to become an event. */
  public record Line(
      LineChunk chunk, long number, int from, int to, long size, Tally tally, Share share)
      implements Arrival {
    @Override
    public byte[] payload() {
      return Arrays.copyOfRange(chunk.bytes, from, to);
    }

    @Override
    public DeadLetter.Source source() {
      return DeadLetter.Source.file(
          chunk.source.name(), number, Json.MAPPER.valueToTree(chunk.layout));
    }

    @Override
    public void accepted() {
      tally.accept();
      share.end();
    }

    @Override
    public void rejected(RecountException reason) {
      tally.reject(chunk.source.name(), number, reason);
      share.end();
    }

    @Override
    public void failed(RecountException reason) {
      tally.fail(reason);
      notSent();
    }

    /** It is a row without any value, of which nothing is kept. */
    public void passedOver() {
      tally.passOver();
      share.end();
    }

    /** Whether it is CSV and holds nothing but delimiters, as spreadsheets end their tables. */
    public boolean isEmptyRow() {
      if (chunk.layout.format() != RecordFormat.CSV) {
        return false;
      }
      for (int at = from; at < to; at++) {
        if (chunk.bytes[at] != chunk.layout.delimiter()) {
          return false;
        }
      }
      return true;
    }

    /** The run is over before it could be sent. */
    public void notSent() {
      chunk.source.standing().missing(number);
    }
  }

  /** Goes through the records that are wanted, each of which the share waits for. */
  public void forEach(Tally tally, Share share, Consumer<Line> work) {
    records.forEach(
        this,
        (number, from, to, size) -> {
          if (source.standing().isWanted(number)) {
            share.begin();
            work.accept(new Line(this, number, from, to, size, tally, share));
          }
        });
    share.end();
  }

  /** Nothing of it is sent. */
  public void lost() {
    source.standing().missing(first);
  }
}
