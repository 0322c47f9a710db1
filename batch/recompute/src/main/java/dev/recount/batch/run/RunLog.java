package dev.recount.batch.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.FileAppender;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of one run, {@code logs/runs/<run>.log} in the home: what the run says, and the warnings
 * of everything in its process. A run goes on if no file can be written there.
 */
public final class RunLog implements AutoCloseable {
  private static final String NAME = "recount.run";
  private static final String PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSS}{UTC}Z %-5p %c{1}: %m%n%ex";

  private final Logger logger = LoggerFactory.getLogger(NAME);
  private final LoggerContext context = (LoggerContext) LogManager.getContext(false);
  private final FileAppender appender;

  /**
   * @param appender null if no file can be written
   */
  private RunLog(FileAppender appender) {
    this.appender = appender;
    if (appender == null) {
      return;
    }
    appender.start();
    Configuration configuration = context.getConfiguration();
    LoggerConfig own = new LoggerConfig(NAME, Level.INFO, false);
    own.addAppender(appender, Level.INFO, null);
    configuration.addLogger(NAME, own);
    configuration.getRootLogger().addAppender(appender, Level.WARN, null);
    context.updateLoggers();
  }

  /** Where the logs of runs are. */
  public static Path folder(Path logs) {
    return logs.resolve("runs");
  }

  static RunLog open(Path logs, String runId) {
    return new RunLog(appender(folder(logs).resolve(runId + ".log")));
  }

  private static FileAppender appender(Path file) {
    try {
      Files.createDirectories(file.getParent());
      Files.createFile(file);
      return FileAppender.newBuilder()
          .setName("run " + file.getFileName())
          .withFileName(file.toString())
          .setLayout(PatternLayout.newBuilder().withPattern(PATTERN).build())
          .build();
    } catch (IOException e) {
      LoggerFactory.getLogger(RunLog.class).warn("Cannot write '{}': {}", file, e.toString());
      return null;
    }
  }

  void say(String sentence) {
    logger.info(sentence);
  }

  void failed(String sentence, Throwable cause) {
    logger.error(sentence, cause);
  }

  @Override
  public void close() {
    if (appender == null) {
      return;
    }
    Configuration configuration = context.getConfiguration();
    configuration.getRootLogger().removeAppender(appender.getName());
    configuration.removeLogger(NAME);
    context.updateLoggers();
    appender.stop();
  }
}
