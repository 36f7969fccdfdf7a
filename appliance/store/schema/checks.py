"""The tables of spot checks, flaw reports and alerts. No content of a request is in them but what is sealed
to a reviewer's key, whose private half is not on the box.
"""

from typing import Final

CHECKS: Final = """
CREATE TABLE sample_seed (
    day TEXT PRIMARY KEY,
    seed BLOB NOT NULL CHECK (length(seed) = 32),
    made_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE sample_rate (
    seq INTEGER PRIMARY KEY,
    tier TEXT NOT NULL,
    numerator INTEGER NOT NULL CHECK (numerator >= 0),
    denominator INTEGER NOT NULL CHECK (denominator >= numerator AND denominator > 0),
    since_ms INTEGER NOT NULL,
    set_by TEXT NOT NULL
) STRICT;
INSERT INTO sample_rate (tier, numerator, denominator, since_ms, set_by) VALUES
    ('open', 0, 1, 0, ''), ('registered', 1, 1000, 0, ''), ('approved', 1, 200, 0, ''),
    ('restricted', 1, 20, 0, '');
CREATE TABLE sample_tier (
    seq INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    tier TEXT NOT NULL,
    since_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE sample_choice (
    seq INTEGER PRIMARY KEY,
    holder TEXT NOT NULL,
    project_id TEXT NOT NULL,
    refuses INTEGER NOT NULL CHECK (refuses IN (0, 1)),
    consents INTEGER NOT NULL CHECK (consents IN (0, 1) AND consents + refuses < 2),
    since_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE sample (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    request_id TEXT NOT NULL UNIQUE,
    tier TEXT NOT NULL,
    kind TEXT NOT NULL,
    purpose TEXT NOT NULL,
    consents INTEGER NOT NULL CHECK (consents IN (0, 1)),
    taken_ms INTEGER NOT NULL,
    verdict TEXT,
    reason TEXT NOT NULL DEFAULT '',
    decided_by TEXT NOT NULL DEFAULT '',
    decided_ms INTEGER
) STRICT;
CREATE INDEX sample_open ON sample (seq) WHERE verdict IS NULL;
CREATE TABLE reviewer_key (
    id TEXT PRIMARY KEY,
    label TEXT NOT NULL,
    public TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_ms INTEGER NOT NULL,
    ended_ms INTEGER
) STRICT;
CREATE TABLE sealed (
    owner TEXT NOT NULL,
    key_id TEXT NOT NULL REFERENCES reviewer_key (id),
    jwe TEXT NOT NULL CHECK (length(jwe) <= 65536),
    until_ms INTEGER NOT NULL,
    PRIMARY KEY (owner, key_id)
) STRICT;
CREATE INDEX sealed_until ON sealed (until_ms);
CREATE TABLE report (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    holder TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES person (id),
    project_id TEXT NOT NULL REFERENCES project (id),
    model_id TEXT NOT NULL,
    recipe_revision INTEGER NOT NULL,
    file_sha256 TEXT NOT NULL,
    prompt_sha256 TEXT NOT NULL CHECK (length(prompt_sha256) = 64),
    sampling TEXT NOT NULL,
    severity TEXT NOT NULL,
    category TEXT NOT NULL,
    description TEXT NOT NULL CHECK (length(description) <= 4000),
    seen INTEGER NOT NULL CHECK (seen > 0),
    made_ms INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'open',
    reason TEXT NOT NULL DEFAULT '',
    micro INTEGER NOT NULL DEFAULT 0 CHECK (micro >= 0),
    paid INTEGER NOT NULL DEFAULT 0 CHECK (paid IN (0, 1)),
    decided_by TEXT NOT NULL DEFAULT '',
    decided_ms INTEGER
) STRICT;
CREATE INDEX report_holder ON report (holder, seq);
CREATE TABLE alert (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    level TEXT NOT NULL,
    says TEXT NOT NULL,
    next_step TEXT NOT NULL,
    times INTEGER NOT NULL CHECK (times > 0),
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    told INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL,
    why TEXT NOT NULL DEFAULT '',
    ended_ms INTEGER
) STRICT;
CREATE INDEX alert_last ON alert (last_ms);
"""
