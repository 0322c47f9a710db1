-- Requests are counted: the clocks of the hosts that ask differ.
ALTER TABLE archive_roll RENAME COLUMN requested_ms TO requests;
