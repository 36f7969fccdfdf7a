"""What boxes report: links of their chains, records, and sums of days, which pages are made of."""

from typing import Final

_AMOUNTS: Final = """
    requests BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    refused_budget BIGINT NOT NULL,
    refused_license BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    cached_input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    gflop BIGINT NOT NULL,
    credits_micro BIGINT NOT NULL,
    gpu_ms BIGINT NOT NULL,
    wall_ms BIGINT NOT NULL,
    energy_mj BIGINT NOT NULL,
    money_micro BIGINT NOT NULL,
    estimated_requests BIGINT NOT NULL,
    users BIGINT NOT NULL,
"""

USAGE: Final = f"""
CREATE TABLE batch (
    box BIGINT NOT NULL REFERENCES box (number),
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    digest TEXT NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    records BIGINT NOT NULL,
    merkle_root TEXT NOT NULL,
    leaves BIGINT NOT NULL,
    catalog_version BIGINT NOT NULL,
    catalog_sha256 TEXT NOT NULL,
    audit_rows BIGINT NOT NULL,
    audit_head TEXT NOT NULL,
    received_s BIGINT NOT NULL,
    PRIMARY KEY (box, epoch, seq)
) -- clustered
;

CREATE TABLE record (
    box BIGINT NOT NULL REFERENCES box (number),
    day TEXT NOT NULL,
    id BYTEA NOT NULL,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    grp TEXT NOT NULL,
    purpose TEXT NOT NULL,
    model TEXT NOT NULL,
    revision BIGINT NOT NULL,
    file_sha256 TEXT NOT NULL,
    backend TEXT NOT NULL,
    op TEXT NOT NULL,
    lease TEXT NOT NULL,
    adjusts BYTEA NOT NULL,
    flop_method TEXT NOT NULL,
    {_AMOUNTS}
    PRIMARY KEY (box, day, id)
) -- clustered
;

CREATE TABLE use_of_box (
    box BIGINT NOT NULL REFERENCES box (number),
    day TEXT NOT NULL,
    model TEXT NOT NULL,
    {_AMOUNTS}
    PRIMARY KEY (box, day, model)
) -- clustered
;

CREATE TABLE use_of_institution (
    day TEXT NOT NULL,
    institution BIGINT NOT NULL REFERENCES institution (number),
    model TEXT NOT NULL,
    {_AMOUNTS}
    PRIMARY KEY (day, institution, model)
) -- clustered
;

CREATE TABLE catalog_seen (
    version BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    box BIGINT NOT NULL REFERENCES box (number),
    PRIMARY KEY (version, sha256)
);

CREATE TABLE mark (
    id TEXT PRIMARY KEY,
    box BIGINT NOT NULL REFERENCES box (number),
    kind TEXT NOT NULL,
    at_s BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    words TEXT NOT NULL,
    settled_s BIGINT,
    settled_by TEXT NOT NULL
);
CREATE INDEX mark_open ON mark (settled_s, at_s);
CREATE INDEX mark_of ON mark (box, kind, at_s)
"""
