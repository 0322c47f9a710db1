-- How long the step has taken so far: its rate, and how long it takes yet, follow from it.
ALTER TABLE batch_run ADD COLUMN step_seconds DOUBLE PRECISION;
