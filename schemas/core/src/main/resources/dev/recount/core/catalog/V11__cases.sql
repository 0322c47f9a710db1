-- The file of tests that a version of a view was applied with.
CREATE TABLE view_case_file (
  view_name VARCHAR(100)  NOT NULL,
  version   INT           NOT NULL,
  file_name VARCHAR(1000) NOT NULL,
  file_text TEXT          NOT NULL,
  PRIMARY KEY (view_name, version)
);
