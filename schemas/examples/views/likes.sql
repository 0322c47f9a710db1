-- @description  Likes of a post as they are now, and how often it was liked and unliked.
-- @distinct     event_id
SELECT post_id,
       sum(CASE action WHEN 'LIKE' THEN 1 WHEN 'UNLIKE' THEN -1 END) AS likes,
       count_if(action = 'LIKE')                                     AS times_liked,
       count_if(action = 'UNLIKE')                                   AS times_unliked,
       theta_sketch_agg(user_id)                                     AS users
FROM post_like
GROUP BY ALL
