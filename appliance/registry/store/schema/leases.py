"""Who may serve what: policies, agreements, applications, leases and their standing."""

from typing import Final

LEASES: Final = """
CREATE TABLE lease_policy (
    model TEXT PRIMARY KEY,
    days BIGINT NOT NULL,
    grace_days BIGINT NOT NULL,
    term_days BIGINT NOT NULL,
    term_grace_days BIGINT NOT NULL,
    needs_agreement BIGINT NOT NULL,
    needs_application BIGINT NOT NULL,
    terms_sha256 TEXT NOT NULL,
    countersigns_at_once BIGINT NOT NULL,
    set_s BIGINT NOT NULL
);

CREATE TABLE agreement (
    id TEXT PRIMARY KEY,
    institution BIGINT NOT NULL REFERENCES institution (number),
    model TEXT NOT NULL,
    from_s BIGINT NOT NULL,
    until_s BIGINT NOT NULL,
    ended_s BIGINT,
    note TEXT NOT NULL
);
CREATE INDEX agreement_institution ON agreement (institution, model);

CREATE TABLE application (
    id TEXT PRIMARY KEY,
    box BIGINT NOT NULL REFERENCES box (number),
    application TEXT NOT NULL,
    model TEXT NOT NULL,
    payload TEXT NOT NULL,
    payload_sha256 TEXT NOT NULL,
    received_s BIGINT NOT NULL,
    state TEXT NOT NULL,
    until_s BIGINT NOT NULL,
    decided_s BIGINT,
    decided_by TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX application_of_box ON application (box, model);

CREATE TABLE standing (
    number BIGINT PRIMARY KEY,
    box BIGINT NOT NULL REFERENCES box (number),
    model TEXT NOT NULL,
    value BIGINT NOT NULL,
    reason TEXT NOT NULL,
    changed_s BIGINT NOT NULL
);
CREATE INDEX standing_of ON standing (box, model);

CREATE TABLE lease (
    id TEXT PRIMARY KEY,
    box BIGINT NOT NULL REFERENCES box (number),
    model TEXT NOT NULL,
    standing BIGINT NOT NULL REFERENCES standing (number),
    made_s BIGINT NOT NULL,
    exp_s BIGINT NOT NULL,
    grace_s BIGINT NOT NULL,
    term BIGINT NOT NULL,
    terms_sha256 TEXT NOT NULL
);
CREATE INDEX lease_of ON lease (box, model);
CREATE INDEX lease_ends ON lease (exp_s);

CREATE TABLE status_list (
    name TEXT PRIMARY KEY,
    token TEXT NOT NULL,
    iat_s BIGINT NOT NULL,
    size BIGINT NOT NULL
);
INSERT INTO status_list (name, token, iat_s, size) VALUES ('newest', '', 0, 0)
"""
