package dev.recount.serving.request;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.MDC;

/** Threads that work for requests beside their own, and log under the id of the one they serve. */
public final class RequestThreads extends ThreadPoolExecutor {
  private static final int IDLE_SECONDS = 60;

  private RequestThreads(String name) {
    super(
        0,
        Integer.MAX_VALUE,
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  /** As many as are needed at a time; none keeps the process alive. */
  public static ExecutorService named(String name) {
    return new RequestThreads(name);
  }

  @Override
  public void execute(Runnable work) {
    super.execute(carried(work));
  }

  private static Runnable carried(Runnable work) {
    String id = MDC.get(RequestId.LOGGED);
    if (id == null) {
      return work;
    }
    return () -> {
      MDC.put(RequestId.LOGGED, id);
      try {
        work.run();
      } finally {
        MDC.remove(RequestId.LOGGED);
      }
    };
  }
}
