"""What the people who run the registry decide and ask for."""

from typing import Final

OPERATORS: Final = """
CREATE TABLE box_budget (
    box BIGINT NOT NULL REFERENCES box (number),
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    limit_micro BIGINT NOT NULL,
    set_s BIGINT NOT NULL,
    PRIMARY KEY (box, first_day)
);

CREATE TABLE spot_check (
    id TEXT PRIMARY KEY,
    box BIGINT NOT NULL REFERENCES box (number),
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    leaves TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_s BIGINT NOT NULL,
    state TEXT NOT NULL,
    words TEXT NOT NULL,
    answer TEXT NOT NULL,
    answered_s BIGINT
);
CREATE INDEX spot_check_of ON spot_check (box, made_s);

CREATE TABLE audit (
    number BIGINT PRIMARY KEY,
    at_s BIGINT NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    about TEXT NOT NULL,
    words TEXT NOT NULL
)
"""
