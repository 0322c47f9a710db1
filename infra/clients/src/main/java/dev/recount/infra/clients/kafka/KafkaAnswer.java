package dev.recount.infra.clients.kafka;

import dev.recount.error.DurationText;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;

/** Waits for what an admin client was asked. */
public final class KafkaAnswer {
  private KafkaAnswer() {}

  /**
   * The answer.
   *
   * @throws KafkaException what the brokers refused it with; {@link TimeoutException} if there is
   *     none in time, {@link InterruptException} if the thread is interrupted
   */
  public static <T> T await(KafkaFuture<T> asked, Duration patience) {
    try {
      return asked.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TimeoutException) {
        // The client's own text is about its calls, and for nobody else to read.
        throw new TimeoutException("no answer within " + DurationText.of(patience), e.getCause());
      }
      if (e.getCause() instanceof KafkaException refusal) {
        throw refusal;
      }
      throw new KafkaException(e.getCause().getMessage(), e.getCause());
    } catch (java.util.concurrent.TimeoutException e) {
      throw new TimeoutException("no answer within " + DurationText.of(patience), e);
    } catch (InterruptedException e) {
      // Sets the thread's flag again.
      throw new InterruptException("the wait was interrupted", e);
    }
  }
}
