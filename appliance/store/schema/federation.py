"""The tables of a box in a federation: where it belongs, what waits to leave, what came. ``federation_state``
has one row.
"""

from typing import Final

FEDERATION: Final = """
CREATE TABLE federation_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    box TEXT NOT NULL DEFAULT '',
    present_key TEXT NOT NULL DEFAULT '',
    registry TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    plain_http INTEGER NOT NULL DEFAULT 0,
    root_sha256 TEXT NOT NULL DEFAULT '',
    institution TEXT NOT NULL DEFAULT '',
    organization TEXT NOT NULL DEFAULT '',
    enrollment TEXT NOT NULL DEFAULT '',
    rotation TEXT NOT NULL DEFAULT '',
    enrolled_ms INTEGER NOT NULL DEFAULT 0,
    keys TEXT NOT NULL DEFAULT '[]',
    reporting INTEGER NOT NULL DEFAULT 0,
    joining_code TEXT NOT NULL DEFAULT '',
    joining_message TEXT NOT NULL DEFAULT '',
    next_ms INTEGER NOT NULL DEFAULT 0,
    last_ms INTEGER NOT NULL DEFAULT 0,
    good_ms INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    outcome TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO federation_state (id) VALUES (1);
CREATE TABLE federation_key (
    id TEXT PRIMARY KEY,
    until_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE federation_outbox (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    token TEXT NOT NULL,
    summary TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'refused')),
    tries INTEGER NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT '',
    done_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX federation_outbox_open ON federation_outbox (state, seq) WHERE state <> 'done';
CREATE INDEX federation_outbox_done ON federation_outbox (done_ms) WHERE state = 'done';
CREATE TABLE federation_seen (
    jti TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    taken_ms INTEGER NOT NULL,
    told INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX federation_seen_untold ON federation_seen (taken_ms) WHERE told = 0;
CREATE TABLE federation_notice (
    id TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    signed_ms INTEGER NOT NULL,
    taken_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE federation_budget (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    limit_micro INTEGER NOT NULL,
    reported_micro INTEGER NOT NULL,
    signed_ms INTEGER NOT NULL
) STRICT;
"""
