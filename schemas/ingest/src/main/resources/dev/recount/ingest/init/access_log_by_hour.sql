-- @description  Requests by hour, method and status. Drafted by recount init.
-- @time         hour
-- @schedule     0 0 * * * ?
SELECT date_trunc('HOUR', event_time) AS hour,
       method,
       status,
       count(*) AS events,
       sum(bytes) AS sum_bytes,
       theta_sketch_agg(session_id) AS distinct_session_id
FROM access_log
GROUP BY ALL
