"""Tables of restrictions and of what gates decided."""

from typing import Final

RESTRICTIONS: Final = """
CREATE TABLE restriction (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('all', 'tier', 'model', 'project')),
    name TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    limits TEXT NOT NULL,
    why TEXT NOT NULL,
    set_by TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)),
    UNIQUE (kind, name, version)
) STRICT;
CREATE TRIGGER restriction_never_changes BEFORE UPDATE ON restriction
BEGIN SELECT RAISE(ABORT, 'a version of a restriction is never changed'); END;
CREATE TRIGGER restriction_never_goes BEFORE DELETE ON restriction
BEGIN SELECT RAISE(ABORT, 'a version of a restriction is never deleted'); END;
CREATE TABLE decision (
    minute_ms INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    gate TEXT NOT NULL,
    rule TEXT NOT NULL,
    restriction TEXT NOT NULL,
    key_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    model_id TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    last_ms INTEGER NOT NULL,
    PRIMARY KEY (minute_ms, key_id, verdict, gate, rule, restriction, person_id, project_id, model_id)
) STRICT, WITHOUT ROWID;
"""

RESTRICTED_TIER: Final = """
INSERT INTO restriction (kind, name, version, limits, why, set_by, since_ms)
VALUES ('tier', 'restricted', 1, '{"max_tokens":512,"n":2,"logprobs":5,"requests_per_day":600}',
    'models of this tier are asked for single answers, not harvested', 'release', :now_ms)
"""
"""What the release says of the strictest tier, until the lab says something else."""
