"""What came in, and what waits to go out."""

from typing import Final

MESSAGES: Final = """
CREATE TABLE nonce (nonce TEXT PRIMARY KEY, until_s BIGINT NOT NULL) -- clustered
;
CREATE INDEX nonce_until ON nonce (until_s);

CREATE TABLE message (
    box BIGINT NOT NULL REFERENCES box (number),
    jti TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload_sha256 TEXT NOT NULL,
    received_s BIGINT NOT NULL,
    reply TEXT NOT NULL,
    PRIMARY KEY (box, jti)
);
CREATE INDEX message_received ON message (received_s);
CREATE INDEX message_of ON message (box, kind, received_s);

CREATE TABLE mailbox (
    number BIGINT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    box BIGINT NOT NULL REFERENCES box (number),
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    made_s BIGINT NOT NULL,
    sent_s BIGINT,
    received_s BIGINT
);
CREATE INDEX mailbox_waiting ON mailbox (box, received_s, number);

CREATE TABLE deletion (
    box BIGINT NOT NULL REFERENCES box (number),
    jti TEXT NOT NULL,
    model TEXT NOT NULL,
    lease TEXT NOT NULL,
    files TEXT NOT NULL,
    how TEXT NOT NULL,
    at_s BIGINT NOT NULL,
    received_s BIGINT NOT NULL,
    PRIMARY KEY (box, jti)
)
"""
