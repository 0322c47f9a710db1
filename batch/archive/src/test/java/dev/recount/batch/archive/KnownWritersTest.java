package dev.recount.batch.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class KnownWritersTest {
  private final Map<Long, Schema> registered = new HashMap<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final KnownWriters writers =
      new KnownWriters(
          fingerprint -> {
            asked.incrementAndGet();
            return Optional.ofNullable(registered.get(fingerprint));
          });

  @Test
  void whatIsKnown_isNotAskedForAgain() {
    registered.put(1L, Schema.create(Schema.Type.LONG));
    assertThat(writers.find(1)).isPresent();
    writers.beginBatch();
    assertThat(writers.find(1)).isPresent();
    assertThat(asked).hasValue(1);
    assertThat(writers.takeFoundNew()).isTrue();
    assertThat(writers.takeFoundNew()).isFalse();
  }

  @Test
  void whatIsUnknown_isAskedForOnceABatch() {
    writers.find(1);
    assertThat(writers.find(1)).isEmpty();
    assertThat(asked).hasValue(1);
    registered.put(1L, Schema.create(Schema.Type.LONG));
    writers.beginBatch();
    assertThat(writers.find(1)).isPresent();
  }
}
