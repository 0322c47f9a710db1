package dev.recount.infra.stack;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Looks which processes are still there; says once of each that it ended. */
final class StackWatch implements Runnable {
  private final LocalStack stack;
  private final List<String> running;
  private final Consumer<String> say;
  private final Runnable allEnded;

  StackWatch(
      LocalStack stack, List<StartedProcess> started, Consumer<String> say, Runnable allEnded) {
    this.stack = stack;
    this.running = new ArrayList<>(started.stream().map(StartedProcess::name).toList());
    this.say = say;
    this.allEnded = allEnded;
  }

  @Override
  public void run() {
    for (String name : List.copyOf(running)) {
      if (stack.pid(name).isEmpty()) {
        running.remove(name);
        say.accept(name + " ended; 'recount up' in another terminal restarts it");
      }
    }
    if (running.isEmpty()) {
      allEnded.run();
    }
  }
}
