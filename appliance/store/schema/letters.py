"""The tables of letters between labs, of what they lend each other, and of reports that travel."""

from typing import Final

LETTERS: Final = """
CREATE TABLE letter (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    kind TEXT NOT NULL,
    thread TEXT NOT NULL,
    peer TEXT NOT NULL,
    organization TEXT NOT NULL,
    institution TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'new', 'taken', 'refused')),
    reason TEXT NOT NULL DEFAULT '',
    token TEXT NOT NULL DEFAULT '',
    made_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX letter_waiting ON letter (seq) WHERE state = 'waiting';
CREATE TABLE peer (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    box TEXT NOT NULL,
    institution TEXT NOT NULL,
    sealing_key TEXT NOT NULL,
    model TEXT NOT NULL,
    hosted TEXT NOT NULL,
    purpose TEXT NOT NULL,
    contact TEXT NOT NULL,
    wanted_per_day INTEGER NOT NULL,
    wanted_days INTEGER NOT NULL,
    asked_ms INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'granted', 'denied', 'revoked', 'returned')),
    reason TEXT NOT NULL,
    conditions TEXT NOT NULL,
    project_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    limit_micro INTEGER,
    requests_per_day INTEGER NOT NULL,
    until_ms INTEGER,
    decided_by TEXT NOT NULL,
    decided_ms INTEGER
) STRICT;
CREATE TABLE borrowed (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    model TEXT NOT NULL,
    organization TEXT NOT NULL,
    purpose TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_ms INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'granted', 'denied', 'revoked', 'returned')),
    reason TEXT NOT NULL,
    conditions TEXT NOT NULL,
    limit_micro INTEGER,
    requests_per_day INTEGER NOT NULL,
    until_ms INTEGER,
    changed_ms INTEGER
) STRICT;
CREATE INDEX borrowed_model ON borrowed (model, seq);
CREATE TABLE report_travel (
    report_id TEXT PRIMARY KEY REFERENCES report (id),
    sha256 TEXT NOT NULL DEFAULT '',
    consented_by TEXT NOT NULL DEFAULT '',
    consented_ms INTEGER,
    thread TEXT NOT NULL DEFAULT '',
    sent_by TEXT NOT NULL DEFAULT '',
    sent_ms INTEGER,
    verdict TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    answered_ms INTEGER
) STRICT;
CREATE UNIQUE INDEX report_travel_thread ON report_travel (thread) WHERE thread <> '';
CREATE TABLE report_origin (
    report_id TEXT PRIMARY KEY REFERENCES report (id),
    thread TEXT NOT NULL,
    box TEXT NOT NULL,
    institution TEXT NOT NULL,
    model TEXT NOT NULL,
    sealing_key TEXT NOT NULL,
    answered_ms INTEGER,
    UNIQUE (box, thread)
) STRICT;
"""
