-- @description  Requests and bytes by hour, method and status.
-- @time         hour
-- @schedule     0 0 * * * ?
SELECT date_trunc('HOUR', event_time) AS hour,
       method,
       status,
       count(*)   AS requests,
       sum(bytes) AS bytes,
       min(bytes) AS min_bytes,
       max(bytes) AS max_bytes,
       avg(bytes) AS avg_bytes
FROM page_view
GROUP BY ALL
