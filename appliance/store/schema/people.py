"""Columns of persons and projects, and the table of who belongs to which."""

from typing import Final

PEOPLE: Final = """
ALTER TABLE person ADD COLUMN email TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN role TEXT NOT NULL DEFAULT 'member'
    CHECK (role IN ('member', 'reviewer', 'admin'));
ALTER TABLE person ADD COLUMN login TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN ended_ms INTEGER;
ALTER TABLE person ADD COLUMN erased_ms INTEGER;
CREATE UNIQUE INDEX person_login ON person (login) WHERE login <> '';
CREATE TABLE membership (
    project_id TEXT NOT NULL REFERENCES project (id),
    person_id TEXT NOT NULL REFERENCES person (id),
    part TEXT NOT NULL CHECK (part IN ('lead', 'member')),
    since_ms INTEGER NOT NULL,
    PRIMARY KEY (project_id, person_id)
) STRICT;
ALTER TABLE project ADD COLUMN kind TEXT NOT NULL DEFAULT 'research'
    CHECK (kind IN ('research', 'course', 'evaluation'));
ALTER TABLE project ADD COLUMN purpose TEXT NOT NULL DEFAULT '';
ALTER TABLE project ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE project ADD COLUMN starts_ms INTEGER;
ALTER TABLE project ADD COLUMN ends_ms INTEGER;
ALTER TABLE project ADD COLUMN closed_ms INTEGER;
ALTER TABLE key ADD COLUMN requests_per_minute INTEGER NOT NULL DEFAULT 0 CHECK (requests_per_minute >= 0);
ALTER TABLE key ADD COLUMN tokens_per_minute INTEGER NOT NULL DEFAULT 0 CHECK (tokens_per_minute >= 0);
ALTER TABLE key ADD COLUMN requests_per_day INTEGER NOT NULL DEFAULT 0 CHECK (requests_per_day >= 0);
ALTER TABLE key ADD COLUMN running INTEGER NOT NULL DEFAULT 0 CHECK (running >= 0);
ALTER TABLE key ADD COLUMN canary INTEGER NOT NULL DEFAULT 0 CHECK (canary IN (0, 1));
"""
