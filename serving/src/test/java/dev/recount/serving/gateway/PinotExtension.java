package dev.recount.serving.gateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests the one {@link TestingPinot} of this module, started for the first of them. */
final class PinotExtension implements ParameterResolver {
  private static final int PORT_BASE = Integer.getInteger("recount.test.port-base", 16000);

  private record Running(TestingPinot pinot) implements ExtensionContext.Store.CloseableResource {
    static Running start() {
      try {
        Path home = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "home-");
        return new Running(new TestingPinot(home.toAbsolutePath(), PORT_BASE));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      pinot.close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == TestingPinot.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(Namespace.create(PinotExtension.class))
        .getOrComputeIfAbsent(Running.class, key -> Running.start(), Running.class)
        .pinot();
  }
}
