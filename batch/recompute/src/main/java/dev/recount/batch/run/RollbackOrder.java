package dev.recount.batch.run;

/**
 * What a roll-back is to do.
 *
 * @param run that published what is to be served again
 * @param isDryRun whether it only says what it would do
 * @param isPatient whether it waits while a run is under way
 */
public record RollbackOrder(String view, String run, boolean isDryRun, boolean isPatient) {}
