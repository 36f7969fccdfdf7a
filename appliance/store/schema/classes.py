"""Tables of classes and their seats, of browsers' sessions, and of switches that outlive a restart."""

from typing import Final

CLASSES: Final = """
CREATE TABLE class (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES project (id),
    title TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('open', 'exam', 'offline')),
    models TEXT NOT NULL,
    seat_tokens INTEGER NOT NULL CHECK (seat_tokens >= 0),
    seat_running INTEGER NOT NULL CHECK (seat_running >= 0),
    seat_requests_per_minute INTEGER NOT NULL CHECK (seat_requests_per_minute >= 0),
    seat_tokens_per_minute INTEGER NOT NULL CHECK (seat_tokens_per_minute >= 0),
    starts_ms INTEGER,
    ends_ms INTEGER NOT NULL,
    grace_min INTEGER NOT NULL CHECK (grace_min >= 0),
    guests INTEGER NOT NULL CHECK (guests >= 0),
    networks TEXT NOT NULL,
    seed INTEGER,
    plain INTEGER NOT NULL CHECK (plain IN (0, 1)),
    address TEXT NOT NULL,
    opened_ms INTEGER,
    paused_ms INTEGER,
    over_ms INTEGER,
    message TEXT NOT NULL,
    frozen TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL
) STRICT;
CREATE TABLE class_seat (
    class_id TEXT NOT NULL REFERENCES class (id),
    person_id TEXT NOT NULL REFERENCES person (id),
    number INTEGER NOT NULL CHECK (number > 0),
    given TEXT NOT NULL,
    key_id TEXT REFERENCES key (id),
    taken_ms INTEGER,
    how TEXT NOT NULL CHECK (how IN ('', 'card', 'list', 'guest')),
    PRIMARY KEY (class_id, person_id)
) STRICT;
CREATE TABLE class_key (
    key_id TEXT PRIMARY KEY REFERENCES key (id),
    class_id TEXT NOT NULL REFERENCES class (id),
    person_id TEXT NOT NULL REFERENCES person (id)
) STRICT;
CREATE INDEX class_key_by_class ON class_key (class_id);
"""
"""``models``, ``networks`` and ``frozen`` are JSON. ``class_key`` has every key that a seat ever had."""

SESSIONS: Final = """
CREATE TABLE session (
    id TEXT PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    key_id TEXT NOT NULL REFERENCES key (id),
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    secure INTEGER NOT NULL CHECK (secure IN (0, 1)),
    exclusive INTEGER NOT NULL CHECK (exclusive IN (0, 1)),
    address TEXT NOT NULL
) STRICT;
CREATE INDEX session_by_key ON session (key_id);
"""
"""``digest`` is the SHA-256 of the cookie."""

SWITCHES: Final = """
CREATE TABLE switch (
    name TEXT PRIMARY KEY,
    is_on INTEGER NOT NULL CHECK (is_on IN (0, 1)),
    since_ms INTEGER NOT NULL,
    set_by TEXT NOT NULL
) STRICT;
"""
