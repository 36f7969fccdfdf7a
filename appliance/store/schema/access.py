"""The tables of access. Rows of texts, signatures and applications stay for good."""

from typing import Final

ACCESS: Final = """
CREATE TABLE agreement (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('conduct', 'access')),
    text_sha256 TEXT NOT NULL,
    text TEXT NOT NULL,
    published_ms INTEGER NOT NULL,
    asks_from_ms INTEGER NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('release', 'lab'))
) STRICT;
CREATE TABLE signature (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('conduct', 'access')),
    text_sha256 TEXT NOT NULL,
    person_id TEXT REFERENCES person (id),
    project_id TEXT NOT NULL REFERENCES project (id),
    for_project INTEGER NOT NULL CHECK (for_project IN (0, 1)),
    who TEXT NOT NULL,
    origin TEXT NOT NULL,
    signed_ms INTEGER NOT NULL,
    record TEXT NOT NULL
) STRICT;
CREATE TABLE application (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL REFERENCES project (id),
    person_id TEXT NOT NULL REFERENCES person (id),
    model_id TEXT NOT NULL,
    tier TEXT NOT NULL,
    affiliation TEXT NOT NULL,
    intended_use TEXT NOT NULL,
    publications TEXT NOT NULL,
    agreement_sha256 TEXT NOT NULL,
    applied_ms INTEGER NOT NULL,
    days INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'denied', 'withdrawn')),
    decided_ms INTEGER,
    decided_by TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    conditions TEXT NOT NULL DEFAULT '',
    until_ms INTEGER
) STRICT;
CREATE INDEX application_of_person ON application (person_id, applied_ms);
CREATE INDEX application_open ON application (seq) WHERE state = 'open';
ALTER TABLE access_grant ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE access_grant ADD COLUMN tier TEXT NOT NULL DEFAULT '';
ALTER TABLE access_grant ADD COLUMN conditions TEXT NOT NULL DEFAULT '';
ALTER TABLE access_grant ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE access_grant ADD COLUMN given_by TEXT NOT NULL DEFAULT '';
ALTER TABLE access_grant ADD COLUMN application_id TEXT NOT NULL DEFAULT '';
ALTER TABLE access_grant ADD COLUMN self_approved INTEGER NOT NULL DEFAULT 0 CHECK (self_approved IN (0, 1));
UPDATE access_grant SET id = 'grt_' || lower(hex(randomblob(6)));
DROP INDEX access_grant_now;
CREATE UNIQUE INDEX access_grant_now ON access_grant (model_id, tier, project_id) WHERE ended_ms IS NULL;
CREATE TABLE registry_statement (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('lease', 'countersignature')),
    jti TEXT NOT NULL,
    token TEXT NOT NULL,
    added_ms INTEGER NOT NULL,
    UNIQUE (kind, jti)
) STRICT;
CREATE TABLE early_stage (
    model_id TEXT PRIMARY KEY,
    most INTEGER NOT NULL CHECK (most BETWEEN 1 AND 50),
    until_ms INTEGER NOT NULL,
    started_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE early_member (
    model_id TEXT NOT NULL REFERENCES early_stage (model_id) ON DELETE CASCADE,
    person_id TEXT NOT NULL REFERENCES person (id),
    since_ms INTEGER NOT NULL,
    PRIMARY KEY (model_id, person_id)
) STRICT;
"""
