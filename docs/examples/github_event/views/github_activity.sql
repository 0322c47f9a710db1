-- @description  What happened on GitHub by minute, kind and organisation.
-- @time         minute
SELECT date_trunc('MINUTE', event_time) AS minute,
       kind,
       organisation.login               AS organisation,
       count(*)                         AS events,
       sum(commits)                     AS commits,
       theta_sketch_agg(actor.login)    AS actors
FROM github_event
GROUP BY ALL
