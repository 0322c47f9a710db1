-- @description  Shopping carts as they are now: quantity and last change of each product.
SELECT cart_id,
       product_id,
       max_by(quantity, event_time) AS quantity,
       max_by(action, event_time)   AS last_change,
       max(event_time)              AS changed_at
FROM cart_change
GROUP BY ALL
