-- @description  A wiki's pages: the current text, who saved it last, and how often it was edited.
-- @distinct     event_id
SELECT page,
       count(*)                   AS edits,
       max_by(text, event_time)   AS text,
       max_by(editor, event_time) AS last_editor,
       max(event_time)            AS edited_at
FROM wiki_revision
GROUP BY ALL
