-- A version that failed again and again in the speed layer is set aside: its first micro-batch and since when it is
-- whole are NULL again, and these say why and since when. Both are NULL where it works.

ALTER TABLE view_version ADD COLUMN speed_failure TEXT;
ALTER TABLE view_version ADD COLUMN speed_failed_ms BIGINT;
