"""Tables of duties: what was done about them, when levels were reached, what was trained. Rows stay; what is
taken back only gets a time.
"""

from typing import Final

DUTIES: Final = """
CREATE TABLE duty_record (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL REFERENCES project (id),
    duty TEXT NOT NULL,
    who TEXT NOT NULL,
    submitted_by TEXT NOT NULL,
    submitted_ms INTEGER NOT NULL,
    evidence TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    answers TEXT NOT NULL,
    version INTEGER NOT NULL,
    accepted_by TEXT NOT NULL DEFAULT '',
    accepted_ms INTEGER,
    until_ms INTEGER,
    self_approved INTEGER NOT NULL DEFAULT 0 CHECK (self_approved IN (0, 1)),
    withdrawn_by TEXT NOT NULL DEFAULT '',
    withdrawn_ms INTEGER,
    reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE duty_level (
    project_id TEXT NOT NULL REFERENCES project (id),
    year_ms INTEGER NOT NULL,
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 4),
    reached_ms INTEGER NOT NULL,
    PRIMARY KEY (project_id, year_ms, level)
) STRICT;
CREATE TABLE duty_training (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL REFERENCES project (id),
    gflop INTEGER NOT NULL CHECK (gflop > 0),
    what TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_ms INTEGER NOT NULL,
    withdrawn_ms INTEGER
) STRICT;
"""
