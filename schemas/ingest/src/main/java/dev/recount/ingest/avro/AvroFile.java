package dev.recount.ingest.avro;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.RecordDecoder;
import dev.recount.event.RecordDecoder.BadRecordException;
import dev.recount.ingest.value.RowJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.StreamSupport;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/** Avro's object container files. */
public final class AvroFile implements RowFile {
  @Override
  public String name() {
    return "avro";
  }

  @Override
  public Rows open(Path file) {
    try {
      AvroBlocks blocks = new AvroBlocks(file);
      Schema schema = blocks.schema();
      return new Rows(
          schema.getFields().stream().map(Schema.Field::name).toList(),
          StreamSupport.stream(
                  Spliterators.spliteratorUnknownSize(new Records(blocks), Spliterator.ORDERED),
                  false)
              .map(row -> RowJson.line((ObjectNode) AvroJson.json(row, schema)))
              .onClose(() -> close(blocks)),
          blocks::position);
    } catch (IOException e) {
      throw RecountException.of(
          ErrorCode.FILE_NOT_READABLE,
          e,
          "Cannot read '%s' as an Avro file: %s",
          file,
          e.getMessage());
    }
  }

  private static void close(AvroBlocks blocks) {
    try {
      blocks.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The records of all blocks that can be read; fails at the end if one could not be read. */
  private static final class Records implements Iterator<GenericRecord> {
    private final AvroBlocks blocks;
    private final RecordDecoder decoder;
    private long inBlock;
    private GenericRecord next;
    private int damaged;
    private String firstReason;

    Records(AvroBlocks blocks) {
      this.blocks = blocks;
      this.decoder = new RecordDecoder(blocks.schema(), blocks.schema());
    }

    @Override
    public boolean hasNext() {
      while (next == null && (inBlock > 0 || hasNextBlock())) {
        readNext();
      }
      if (next == null && damaged > 0) {
        String others =
            damaged == 1
                ? "; all others were read"
                : "; " + (damaged - 1) + " more are damaged, all others were read";
        throw new UncheckedIOException(firstReason + others, new IOException(firstReason));
      }
      return next != null;
    }

    private void readNext() {
      if (inBlock == 0) {
        return;
      }
      inBlock--;
      try {
        next = decoder.next();
      } catch (BadRecordException e) {
        throw new IllegalStateException("the block was read before", e);
      }
    }

    private boolean hasNextBlock() {
      try {
        Optional<AvroBlocks.Block> block = blocks.next();
        if (block.isPresent()) {
          check(block.get());
          decoder.start(block.get().bytes(), 0, block.get().bytes().length);
          inBlock = block.get().records();
        }
        return block.isPresent();
      } catch (AvroBlocks.DamagedBlockException e) {
        note(e.getMessage());
        return true;
      } catch (IOException e) {
        throw new UncheckedIOException(e.getMessage(), e);
      }
    }

    /** If a block is damaged anywhere, none of its records can be trusted. */
    private void check(AvroBlocks.Block block) throws AvroBlocks.DamagedBlockException {
      decoder.start(block.bytes(), 0, block.bytes().length);
      try {
        for (long i = 0; i < block.records(); i++) {
          decoder.next();
        }
      } catch (BadRecordException e) {
        throw new AvroBlocks.DamagedBlockException(
            block.at(), "a record cannot be read: " + e.getMessage());
      }
      if (!decoder.isEnd()) {
        throw new AvroBlocks.DamagedBlockException(
            block.at(), "it has more bytes than its records need");
      }
    }

    private void note(String reason) {
      damaged++;
      firstReason = firstReason == null ? reason : firstReason;
    }

    @Override
    public GenericRecord next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      GenericRecord record = next;
      next = null;
      return record;
    }
  }
}
