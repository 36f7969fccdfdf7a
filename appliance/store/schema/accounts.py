"""Tables of projects, keys, budgets and the ledger."""

from typing import Final

ACCESS: Final = """
CREATE TABLE person (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE project (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE key (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    last4 TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    person_id TEXT NOT NULL REFERENCES person (id),
    project_id TEXT NOT NULL REFERENCES project (id),
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER,
    revoked_ms INTEGER
) STRICT;
"""

LEDGER: Final = """
CREATE TABLE budget (
    project_id TEXT PRIMARY KEY REFERENCES project (id),
    limit_micro INTEGER CHECK (limit_micro >= 0),
    spent_micro INTEGER NOT NULL DEFAULT 0 CHECK (spent_micro >= 0),
    held_micro INTEGER NOT NULL DEFAULT 0 CHECK (held_micro >= 0)
) STRICT;
CREATE TABLE usage (
    seq INTEGER PRIMARY KEY,
    request_id TEXT NOT NULL UNIQUE,
    key_id TEXT NOT NULL REFERENCES key (id),
    person_id TEXT NOT NULL REFERENCES person (id),
    project_id TEXT NOT NULL REFERENCES project (id),
    model_id TEXT NOT NULL,
    recipe_revision INTEGER NOT NULL,
    file_sha256 TEXT NOT NULL,
    engine_build TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    outcome TEXT NOT NULL,
    hold_gflop INTEGER NOT NULL CHECK (hold_gflop >= 0),
    gflop_of_prompt INTEGER NOT NULL CHECK (gflop_of_prompt >= 0),
    gflop_per_token INTEGER NOT NULL CHECK (gflop_per_token >= 0),
    prompt_tokens INTEGER NOT NULL DEFAULT 0,
    cached_tokens INTEGER NOT NULL DEFAULT 0,
    completion_tokens INTEGER NOT NULL DEFAULT 0,
    gpu_ms INTEGER NOT NULL DEFAULT 0,
    wall_ms INTEGER NOT NULL DEFAULT 0,
    gflop INTEGER NOT NULL DEFAULT 0 CHECK (gflop BETWEEN 0 AND hold_gflop),
    flop_method TEXT NOT NULL,
    crash_gflop INTEGER NOT NULL GENERATED ALWAYS AS (
        CASE WHEN prompt_tokens > 0
        THEN min(hold_gflop, gflop_of_prompt + completion_tokens * gflop_per_token)
        ELSE 0 END
    ) VIRTUAL
) STRICT;
CREATE INDEX usage_started ON usage (started_ms);
CREATE INDEX usage_held ON usage (seq) WHERE outcome = 'held';
"""

PROJECT_SHARES: Final = """
ALTER TABLE project ADD COLUMN weight INTEGER NOT NULL DEFAULT 1 CHECK (weight > 0);
ALTER TABLE project ADD COLUMN shares_prefixes INTEGER NOT NULL DEFAULT 0 CHECK (shares_prefixes IN (0, 1));
"""
