-- Keys of callers; of a secret only its hash. A session is what a browser holds since it has logged in, with a key
-- (parent_id) or with a token; it is over when that key is.
CREATE TABLE access_key (
  key_id      VARCHAR(20)   PRIMARY KEY,
  key_name    VARCHAR(200)  NOT NULL,
  -- Separated by commas, as are the patterns of names below.
  roles       VARCHAR(100)  NOT NULL,
  views       VARCHAR(4000) NOT NULL,
  events      VARCHAR(4000) NOT NULL,
  secret_hash VARCHAR(64)   NOT NULL,
  parent_id   VARCHAR(20),
  is_session  BOOLEAN       NOT NULL,
  created     TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
  expires     TIMESTAMP WITH TIME ZONE,
  last_used   TIMESTAMP WITH TIME ZONE,
  revoked     TIMESTAMP WITH TIME ZONE
);
