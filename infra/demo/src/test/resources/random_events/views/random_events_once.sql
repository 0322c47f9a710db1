-- @description  Each id counted once.
-- @distinct     event_id
SELECT kind,
       count(*)                    AS n,
       sum(level)                  AS total_level,
       theta_sketch_agg(visitor)   AS visitors,
       max_by(visitor, event_time) AS last_visitor
FROM random_event
WHERE kind IS NULL OR kind <> 'ignored'
GROUP BY ALL
