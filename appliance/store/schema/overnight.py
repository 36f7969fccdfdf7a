"""Tables of files and batches."""

from typing import Final

FILES: Final = """
CREATE TABLE file (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    holder TEXT NOT NULL,
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX file_holder ON file (holder, seq);
CREATE INDEX file_expires ON file (expires_ms);
"""

BATCHES: Final = """
CREATE TABLE batch (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    holder TEXT NOT NULL,
    key_id TEXT NOT NULL REFERENCES key (id),
    person_id TEXT NOT NULL REFERENCES person (id),
    project_id TEXT NOT NULL REFERENCES project (id),
    endpoint TEXT NOT NULL,
    input_file_id TEXT NOT NULL,
    completion_window TEXT NOT NULL,
    metadata TEXT NOT NULL,
    status TEXT NOT NULL,
    ending TEXT NOT NULL,
    total INTEGER NOT NULL DEFAULT 0,
    completed INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    in_progress_ms INTEGER,
    finalizing_ms INTEGER,
    cancelling_ms INTEGER,
    ended_ms INTEGER,
    output_file_id TEXT,
    error_file_id TEXT,
    faults TEXT NOT NULL
) STRICT;
CREATE INDEX batch_holder ON batch (holder, seq);
CREATE TABLE batch_line (
    batch_id TEXT NOT NULL REFERENCES batch (id),
    line INTEGER NOT NULL CHECK (line > 0),
    custom_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (batch_id, line)
) STRICT;
ALTER TABLE usage ADD COLUMN resumable INTEGER NOT NULL DEFAULT 0 CHECK (resumable IN (0, 1));
"""

FILES_OF_PROJECTS: Final = """
ALTER TABLE file ADD COLUMN project_id TEXT NOT NULL DEFAULT '';
UPDATE file SET project_id = key.project_id FROM key WHERE key.id = file.holder;
UPDATE file SET project_id = made.project_id FROM (
    SELECT output_file_id AS id, project_id FROM batch UNION ALL SELECT error_file_id, project_id FROM batch
) AS made WHERE made.id = file.id;
UPDATE file SET project_id = of_one.project_id FROM (
    SELECT person_id, min(project_id) AS project_id FROM key
    GROUP BY person_id HAVING count(DISTINCT project_id) = 1
) AS of_one WHERE file.project_id = '' AND of_one.person_id = file.holder;
"""
"""A file of a key is of the key's project, what a batch wrote of the batch's, and that of somebody who had
keys in one project only of that one. Of the others it is not known: their project stays empty.
"""

PAUSED_BATCHES: Final = "ALTER TABLE batch ADD COLUMN paused_ms INTEGER;"
