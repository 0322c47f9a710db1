package dev.recount.ingest.door;

import dev.recount.core.letter.DeadLetter;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.ingest.source.Arrival;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Collects what becomes of records that were submitted together. */
final class Submission {
  private final CountDownLatch open;
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicReferenceArray<RecountException> rejected;
  private final AtomicReference<RecountException> failure = new AtomicReference<>();

  Submission(int size) {
    this.open = new CountDownLatch(size);
    this.rejected = new AtomicReferenceArray<>(size);
  }

  boolean hasFailed() {
    return failure.get() != null;
  }

  Arrival arrival(int index, byte[] payload) {
    return new Arrival() {
      @Override
      public byte[] payload() {
        return payload;
      }

      @Override
      public DeadLetter.Source source() {
        return DeadLetter.Source.http();
      }

      @Override
      public void accepted() {
        accepted.incrementAndGet();
        open.countDown();
      }

      @Override
      public void rejected(RecountException reason) {
        rejected.set(index, reason);
        open.countDown();
      }

      @Override
      public void failed(RecountException reason) {
        failure.compareAndSet(null, reason);
        open.countDown();
      }
    };
  }

  Batch await(Duration limit) {
    boolean isComplete = false;
    if (!hasFailed()) {
      try {
        isComplete = open.await(limit.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (!isComplete || hasFailed()) {
      throw unconfirmed();
    }
    return new Batch(accepted.get(), rejections());
  }

  private List<Batch.Rejected> rejections() {
    List<Batch.Rejected> all = new ArrayList<>();
    for (int index = 0; index < rejected.length(); index++) {
      RecountException reason = rejected.get(index);
      if (reason != null) {
        all.add(new Batch.Rejected(index, reason.code(), reason.getMessage()));
      }
    }
    return all;
  }

  private RecountException unconfirmed() {
    RecountException cause = failure.get();
    String reason = cause == null ? "Kafka did not answer in time" : cause.getMessage();
    return new RecountException(
        cause != null && cause.code() == ErrorCode.DISK_FULL
            ? ErrorCode.DISK_FULL
            : ErrorCode.KAFKA_UNAVAILABLE,
        "Cannot confirm that all %s events are kept (%s are): %s"
            .formatted(rejected.length(), accepted.get(), reason),
        Map.of("submitted", rejected.length(), "accepted", accepted.get()),
        cause);
  }
}
