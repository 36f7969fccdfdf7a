"""The tables of what time it is and of a registry's leases. ``trusted_time`` has one row at most, the others
one for each registry, model or lease.
"""

from typing import Final

LEASES: Final = """
CREATE TABLE trusted_time (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    floor_ms INTEGER NOT NULL,
    signed_ms INTEGER NOT NULL,
    reset_ms INTEGER NOT NULL,
    boot TEXT NOT NULL,
    count_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE status_list (
    registry TEXT PRIMARY KEY,
    signed_ms INTEGER NOT NULL,
    token TEXT NOT NULL
) STRICT;
CREATE TABLE lease_request (
    model_id TEXT PRIMARY KEY,
    wished_ms INTEGER NOT NULL DEFAULT 0,
    until_ms INTEGER NOT NULL DEFAULT 0,
    project_id TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    asked_ms INTEGER NOT NULL DEFAULT 0,
    denied TEXT NOT NULL DEFAULT '',
    denied_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE lease_revocation (
    lease_id TEXT PRIMARY KEY,
    model_id TEXT NOT NULL,
    how TEXT NOT NULL CHECK (how IN ('deleted', 'quarantined')),
    message TEXT NOT NULL,
    done_ms INTEGER NOT NULL
) STRICT;
"""
