-- @description  Profiles as they are now, with skills that can be searched.
-- @index        skills text
SELECT user_id,
       max_by(name, event_time)                     AS name,
       max_by(array_join(skills, ', '), event_time) AS skills,
       max(event_time)                              AS saved_at
FROM profile_edit
GROUP BY ALL
