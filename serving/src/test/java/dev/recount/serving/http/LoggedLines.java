package dev.recount.serving.http;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;

/** What is logged while it is open: the log of requests too, and what Recount's own classes say. */
final class LoggedLines implements AutoCloseable {
  private static final List<String> NAMES = List.of("requests", "dev.recount");

  private final List<LogEvent> events = new CopyOnWriteArrayList<>();
  private final Keeper keeper = new Keeper();

  private final class Keeper extends AbstractAppender {
    Keeper() {
      super("kept", null, null, true, Property.EMPTY_ARRAY);
    }

    @Override
    public void append(LogEvent event) {
      events.add(event.toImmutable());
    }
  }

  LoggedLines() {
    keeper.start();
    NAMES.forEach(name -> settings(name).addAppender(keeper, null, null));
    Configurator.setLevel("requests", Level.INFO);
  }

  /** Both are named in log4j2.xml. */
  private static LoggerConfig settings(String logger) {
    LoggerContext context = (LoggerContext) LogManager.getContext(false);
    return context.getConfiguration().getLoggerConfig(logger);
  }

  /** Of one logger and those below it. */
  List<LogEvent> of(String logger) {
    return events.stream().filter(event -> event.getLoggerName().startsWith(logger)).toList();
  }

  @Override
  public void close() {
    NAMES.forEach(name -> settings(name).removeAppender(keeper.getName()));
    Configurator.setLevel("requests", Level.OFF);
  }
}
