"""Institutions, codes, boxes and their keys."""

from typing import Final

BOXES: Final = """
CREATE TABLE counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE institution (
    number BIGINT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE enrollment_code (
    code_sha256 TEXT PRIMARY KEY,
    institution BIGINT NOT NULL REFERENCES institution (number),
    organization TEXT NOT NULL,
    made_s BIGINT NOT NULL,
    until_s BIGINT NOT NULL,
    box TEXT,
    used_s BIGINT
);

CREATE TABLE box (
    number BIGINT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    institution BIGINT NOT NULL REFERENCES institution (number),
    organization TEXT NOT NULL,
    name TEXT NOT NULL,
    software TEXT NOT NULL,
    sealing_key TEXT NOT NULL,
    replaces TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    enrolled_s BIGINT NOT NULL,
    seen_s BIGINT NOT NULL,
    clock_off_s BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    head TEXT NOT NULL,
    reported_s BIGINT NOT NULL,
    last_day TEXT NOT NULL
);
CREATE INDEX box_organization ON box (organization);

CREATE TABLE box_key (
    id TEXT PRIMARY KEY,
    box BIGINT NOT NULL REFERENCES box (number),
    x TEXT NOT NULL,
    from_s BIGINT NOT NULL,
    until_s BIGINT
);
CREATE INDEX box_key_box ON box_key (box)
"""
