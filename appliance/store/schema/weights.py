"""Tables of what is on its way here, and what was verified."""

from typing import Final

DOWNLOADS: Final = """
CREATE TABLE download (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    model_id TEXT NOT NULL UNIQUE,
    recipe_revision INTEGER NOT NULL,
    state TEXT NOT NULL,
    total_bytes INTEGER NOT NULL CHECK (total_bytes >= 0),
    verified_bytes INTEGER NOT NULL CHECK (verified_bytes BETWEEN 0 AND total_bytes),
    fetched_bytes INTEGER NOT NULL CHECK (fetched_bytes >= 0),
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    error TEXT NOT NULL,
    dropped TEXT NOT NULL,
    sha256s TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
) STRICT;
"""

SEALS: Final = """
CREATE TABLE seal (
    recipe_id TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    device TEXT NOT NULL,
    inode TEXT NOT NULL,
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    read_ms INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (recipe_id, name)
) STRICT;
"""
