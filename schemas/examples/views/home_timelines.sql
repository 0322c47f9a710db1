-- @description  Home timelines: each tweet, for every follower that its author had when it came in.
-- @time         tweeted_at
-- @schedule     0 0/15 * * * ?
SELECT f.follower    AS user_name,
       t.event_time  AS tweeted_at,
       t.tweet_id    AS tweet_id,
       t.author      AS author,
       t.text        AS text,
       count(*)      AS copies
FROM tweet AS t
JOIN follow AS f ON t.author = f.followee
WHERE f.following
GROUP BY ALL
