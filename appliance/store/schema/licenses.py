"""The tables of licenses. A row of ``acceptance`` stays for good: withdrawing only gives it a time."""

from typing import Final

LICENSES: Final = """
CREATE TABLE acceptance (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    model_id TEXT NOT NULL,
    text_sha256 TEXT NOT NULL,
    person TEXT NOT NULL,
    who TEXT NOT NULL,
    authority TEXT NOT NULL,
    purpose TEXT NOT NULL,
    accepted_ms INTEGER NOT NULL,
    withdrawn_ms INTEGER,
    record TEXT NOT NULL
) STRICT;
CREATE TABLE access_grant (
    seq INTEGER PRIMARY KEY,
    model_id TEXT NOT NULL,
    project_id TEXT NOT NULL REFERENCES project (id),
    granted_ms INTEGER NOT NULL,
    until_ms INTEGER,
    ended_ms INTEGER
) STRICT;
CREATE UNIQUE INDEX access_grant_now ON access_grant (model_id, project_id) WHERE ended_ms IS NULL;
"""
