-- @description  Edits and characters added and deleted by hour, channel and page.
-- @time         hour
SELECT date_trunc('HOUR', event_time) AS hour,
       channel,
       page,
       count(*)                       AS edits,
       sum(added)                     AS added,
       sum(deleted)                   AS deleted,
       sum(delta)                     AS delta
FROM wiki_edit
GROUP BY ALL
