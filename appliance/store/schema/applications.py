"""What was asked of the registry about applications: as its applicant saw it, and what became of it."""

from typing import Final

REGISTRY_APPLICATIONS: Final = """
CREATE TABLE registry_application (
    seq INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE,
    application_id TEXT NOT NULL REFERENCES application (id),
    model_id TEXT NOT NULL,
    grant_id TEXT NOT NULL,
    project_id TEXT NOT NULL REFERENCES project (id),
    person_id TEXT NOT NULL REFERENCES person (id),
    payload TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    agreed_ms INTEGER,
    agreed_by TEXT NOT NULL DEFAULT '',
    sent_ms INTEGER,
    answer TEXT NOT NULL DEFAULT '' CHECK (answer IN ('', 'yes', 'no', 'refused')),
    answered_ms INTEGER,
    reason TEXT NOT NULL DEFAULT ''
) STRICT;
"""
