-- A roll-back is a run that serves again what an earlier one published: that run; NULL of any other publication.
ALTER TABLE batch_publication ADD COLUMN rolled_back_to VARCHAR(40);
-- Why it must not be served again, as when events that it counts were erased; NULL if it may be.
ALTER TABLE batch_publication ADD COLUMN outdated TEXT;
