-- @description  Page views and visitors by minute, page and browser.
-- @time         minute
-- @schedule     0 0 * * * ?
SELECT date_trunc('MINUTE', event_time) AS minute,
       page_url,
       browser,
       count(*)                         AS views,
       theta_sketch_agg(session_id)     AS visitors
FROM page_view
GROUP BY ALL
