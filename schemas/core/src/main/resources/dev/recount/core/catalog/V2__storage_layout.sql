-- How the values of views lie in Pinot, in the lake and in delta topics. A catalog with events from before this was
-- noted has the first layout, which nothing reads any more.

INSERT INTO setting (setting_name, setting_value)
SELECT 'storage.layout', CASE WHEN EXISTS (SELECT 1 FROM event_type) THEN '1' ELSE '2' END;
