"""Tables of models that this lab gives to others, and of what the registry says was used of them."""

from typing import Final

SHARING: Final = """
CREATE TABLE organization_list (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    organization TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    expires_ms INTEGER NOT NULL,
    metadata BLOB NOT NULL,
    files TEXT NOT NULL,
    sent_ms INTEGER NOT NULL,
    queued INTEGER NOT NULL DEFAULT 0 CHECK (queued IN (0, 1)),
    refused TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE shared_fetch (
    model TEXT NOT NULL,
    box TEXT NOT NULL,
    day TEXT NOT NULL,
    requests INTEGER NOT NULL CHECK (requests >= 0),
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    PRIMARY KEY (model, day, box)
) STRICT;
CREATE TABLE owner_statement (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    first_day TEXT NOT NULL,
    token TEXT NOT NULL,
    registry TEXT NOT NULL,
    signed_ms INTEGER NOT NULL
) STRICT;
"""
