package dev.recount.batch.run;

import dev.recount.core.cli.Progress;

/** What the parts of a run share: where they say how far they are, and who may stop them. */
record RunContext(RunRecord record, Steps steps, Progress progress, StopSignal stop, RunLog log) {}
