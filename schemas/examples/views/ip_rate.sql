-- @description  Requests of each address by second, for rate limits.
-- @time         second
SELECT date_trunc('SECOND', event_time) AS second,
       ip_address,
       count(*)                         AS requests,
       count_if(status = 429)           AS refused
FROM api_request
GROUP BY ALL
