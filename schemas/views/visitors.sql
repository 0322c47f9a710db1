-- @description  Requests and distinct addresses by day.
-- @time         day
-- @schedule     0 0 * * * ?
SELECT date_trunc('DAY', event_time) AS day,
       count(*)                      AS requests,
       theta_sketch_agg(ip_address)  AS ip_addresses
FROM page_view
GROUP BY ALL
