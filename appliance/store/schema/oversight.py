"""The tables of tripwires and incidents: counts, times and decisions, and nothing that anybody sent."""

from typing import Final

INCIDENTS: Final = """
CREATE TABLE incident (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    wire TEXT NOT NULL,
    holder TEXT NOT NULL,
    person_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    level TEXT NOT NULL,
    score INTEGER NOT NULL,
    count INTEGER NOT NULL,
    trips INTEGER NOT NULL,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    raised_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    explained_by TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_ms INTEGER,
    until_ms INTEGER,
    appeal TEXT NOT NULL,
    appealed_ms INTEGER
) STRICT;
CREATE INDEX incident_open ON incident (state) WHERE state <> 'expired';
CREATE TABLE declared_pattern (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL REFERENCES project (id),
    pattern TEXT NOT NULL,
    why TEXT NOT NULL,
    declared_by TEXT NOT NULL,
    declared_ms INTEGER NOT NULL,
    until_ms INTEGER,
    ended_ms INTEGER
) STRICT;
CREATE TABLE tripwire (
    wire TEXT PRIMARY KEY,
    is_on INTEGER CHECK (is_on IN (0, 1)),
    threshold INTEGER CHECK (threshold > 0),
    hours TEXT
) STRICT;
"""
