"""Tables of the audit log, and of usage that was summed by day.

Triggers refuse changes of the log: against mistakes, not against whoever owns the file. What shows those is
the chain of hashes.
"""

from typing import Final

AUDIT: Final = """
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY CHECK (seq >= 0),
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    permission TEXT NOT NULL,
    origin TEXT NOT NULL,
    action TEXT NOT NULL,
    arguments TEXT NOT NULL,
    outcomes INTEGER NOT NULL,
    outcomes_hash TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE TABLE audit_outcome (
    number INTEGER PRIMARY KEY CHECK (number > 0),
    seq INTEGER NOT NULL UNIQUE REFERENCES audit (seq),
    at_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit (at_ms);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is not changed'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is not changed'); END;
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, 'the audit log is not changed'); END;
CREATE TRIGGER audit_outcome_no_update BEFORE UPDATE ON audit_outcome
    BEGIN SELECT RAISE(ABORT, 'the audit log is not changed'); END;
CREATE TRIGGER audit_outcome_no_delete BEFORE DELETE ON audit_outcome
    BEGIN SELECT RAISE(ABORT, 'the audit log is not changed'); END;
CREATE TRIGGER audit_outcome_no_replace BEFORE INSERT ON audit_outcome
    WHEN EXISTS (SELECT 1 FROM audit_outcome WHERE number = NEW.number OR seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, 'the audit log is not changed'); END;
"""

USAGE_DAYS: Final = """
CREATE TABLE usage_day (
    day_ms INTEGER NOT NULL,
    project_id TEXT NOT NULL REFERENCES project (id),
    person_id TEXT NOT NULL REFERENCES person (id),
    key_id TEXT NOT NULL REFERENCES key (id),
    model_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    outcome TEXT NOT NULL,
    flop_method TEXT NOT NULL,
    requests INTEGER NOT NULL CHECK (requests > 0),
    prompt_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    gpu_ms INTEGER NOT NULL,
    wall_ms INTEGER NOT NULL,
    gflop INTEGER NOT NULL CHECK (gflop >= 0),
    energy_mj INTEGER,
    money_micro INTEGER,
    PRIMARY KEY (project_id, day_ms, person_id, key_id, model_id, kind, outcome, flop_method)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_day_begun ON usage_day (day_ms);
CREATE INDEX usage_day_person ON usage_day (person_id, day_ms);
CREATE INDEX usage_day_key ON usage_day (key_id, day_ms);
CREATE VIEW usage_settled AS
    SELECT started_ms, project_id, person_id, key_id, model_id, kind, outcome, flop_method, 1 AS requests,
        prompt_tokens, cached_tokens, completion_tokens, gpu_ms, wall_ms, gflop, energy_mj, money_micro
    FROM usage WHERE outcome <> 'held'
    UNION ALL
    SELECT day_ms, project_id, person_id, key_id, model_id, kind, outcome, flop_method, requests,
        prompt_tokens, cached_tokens, completion_tokens, gpu_ms, wall_ms, gflop, energy_mj, money_micro
    FROM usage_day;
"""
"""A sum began when its day did."""
