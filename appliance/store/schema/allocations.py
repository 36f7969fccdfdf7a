"""Tables of allocations, their accounts, adjustments and requests for more, and the meters of requests."""

from typing import Final

ALLOCATIONS: Final = """
CREATE TABLE allocation (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES project (id),
    scope TEXT NOT NULL CHECK (scope IN ('project', 'person', 'key', 'model')),
    subject TEXT NOT NULL DEFAULT '' CHECK (scope <> 'project' OR subject = ''),
    window TEXT NOT NULL CHECK (window IN ('total', 'day', 'term')),
    limit_micro INTEGER CHECK (limit_micro >= 0),
    starts_ms INTEGER,
    ends_ms INTEGER,
    created_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    CHECK (iif(window = 'term', starts_ms IS NOT NULL AND ends_ms > starts_ms,
        starts_ms IS NULL AND ends_ms IS NULL))
) STRICT;
CREATE UNIQUE INDEX allocation_standing ON allocation (
    project_id, scope, subject, window, coalesce(starts_ms, 0)
) WHERE ended_ms IS NULL;
CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    allocation_id TEXT NOT NULL REFERENCES allocation (id),
    subject TEXT NOT NULL CHECK (subject <> ''),
    opened_ms INTEGER NOT NULL,
    spent_micro INTEGER NOT NULL DEFAULT 0 CHECK (spent_micro >= 0),
    held_micro INTEGER NOT NULL DEFAULT 0 CHECK (held_micro >= 0),
    granted_micro INTEGER NOT NULL DEFAULT 0,
    UNIQUE (allocation_id, subject, opened_ms)
) STRICT;
ALTER TABLE usage ADD COLUMN accounts TEXT NOT NULL DEFAULT '[]';
ALTER TABLE usage ADD COLUMN kind TEXT NOT NULL DEFAULT 'inference' CHECK (kind IN ('inference', 'training'));
ALTER TABLE usage ADD COLUMN energy_mj INTEGER CHECK (energy_mj >= 0);
ALTER TABLE usage ADD COLUMN money_micro INTEGER CHECK (money_micro >= 0);
CREATE INDEX usage_project ON usage (project_id, started_ms);
CREATE INDEX usage_person ON usage (person_id, started_ms);
CREATE INDEX usage_key ON usage (key_id, started_ms);
CREATE TABLE adjustment (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('refund', 'grant', 'bounty', 'correction')),
    project_id TEXT NOT NULL REFERENCES project (id),
    person_id TEXT REFERENCES person (id),
    request_id TEXT CHECK ((kind = 'refund') = (request_id IS NOT NULL)),
    allocation_id TEXT REFERENCES allocation (id) CHECK (kind = 'grant' OR allocation_id IS NULL),
    subject TEXT NOT NULL DEFAULT '',
    opened_ms INTEGER NOT NULL DEFAULT 0,
    micro INTEGER NOT NULL CHECK (micro > 0 OR (kind = 'correction' AND micro < 0)),
    reference TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX adjustment_refund ON adjustment (request_id) WHERE request_id IS NOT NULL;
CREATE UNIQUE INDEX adjustment_reference ON adjustment (kind, reference) WHERE reference <> '';
CREATE INDEX adjustment_project ON adjustment (project_id, at_ms);
CREATE TRIGGER adjustment_unchanged BEFORE UPDATE ON adjustment
BEGIN SELECT raise(ABORT, 'adjustments are only ever added'); END;
CREATE TRIGGER adjustment_kept BEFORE DELETE ON adjustment
BEGIN SELECT raise(ABORT, 'adjustments are only ever added'); END;
CREATE TABLE budget_request (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL REFERENCES project (id),
    person_id TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('project', 'person')),
    micro INTEGER NOT NULL CHECK (micro > 0),
    reason TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved', 'denied')),
    granted_micro INTEGER NOT NULL DEFAULT 0 CHECK (granted_micro >= 0),
    decided_by TEXT NOT NULL DEFAULT '',
    decided_ms INTEGER,
    decision TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX budget_request_open ON budget_request (project_id, person_id) WHERE state = 'open';
"""

BUDGETS_MOVED: Final = (
    """
    INSERT INTO allocation (id, project_id, scope, window, limit_micro, created_ms)
    SELECT 'alc_' || lower(hex(randomblob(6))), project_id, 'project', 'total', limit_micro, :now_ms
    FROM budget
    """,
    """
    INSERT INTO account (allocation_id, subject, opened_ms, spent_micro, held_micro)
    SELECT allocation.id, budget.project_id, 0, budget.spent_micro, budget.held_micro
    FROM budget JOIN allocation USING (project_id)
    """,
    """
    UPDATE usage SET accounts = json_array(account.id)
    FROM account JOIN allocation ON allocation.id = account.allocation_id
    WHERE usage.outcome = 'held' AND allocation.project_id = usage.project_id
    """,
    "DROP TABLE budget",
)
"""A project's budget is its first allocation: for all of it, in all."""
