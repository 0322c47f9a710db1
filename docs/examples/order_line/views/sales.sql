-- @description  Sales by day of the shop's clock, country and product.
-- @time         day
SELECT date_trunc('DAY', from_utc_timestamp(event_time, 'Europe/London')) AS day,
       country,
       product,
       count_if(quantity > 0)                                             AS lines_sold,
       count_if(quantity < 0)                                             AS lines_cancelled,
       sum(quantity)                                                      AS quantity,
       sum(CAST(quantity * unit_price * 100 AS BIGINT))                   AS pence
FROM order_line
GROUP BY ALL
