"""Which shape each kind of message and statement has, and which key may sign which statement."""

from collections.abc import Mapping
from typing import Final

import msgspec

from appliance.federation.protocol import kinds, messages, statements
from appliance.federation.protocol.usage import UsageAck, UsageBatch

MESSAGES: Final[Mapping[str, type[msgspec.Struct]]] = {
    kinds.ENROLL: messages.Enroll,
    kinds.ROTATE: messages.Rotate,
    kinds.SYNC: messages.Sync,
    kinds.LEASE_REQUEST: messages.LeaseRequest,
    kinds.APPLICATION: messages.ApplicationMessage,
    kinds.USAGE_BATCH: UsageBatch,
    kinds.HEAD_REQUEST: messages.HeadRequest,
    kinds.CHECK_ANSWER: messages.CheckAnswer,
    kinds.DELETION: messages.Deletion,
    kinds.RECEIVED: messages.Received,
    kinds.LISTING: messages.Listing,
    kinds.LETTER: messages.Letter,
}

STATEMENTS: Final[Mapping[str, type[msgspec.Struct]]] = {
    kinds.ENROLLMENT: statements.Enrollment,
    kinds.ROTATION: statements.Rotation,
    kinds.LEASE: statements.LeaseClaims,
    kinds.DENIAL: statements.Denial,
    kinds.STATUS_LIST: statements.StatusList,
    kinds.COUNTERSIGNATURE: statements.CountersignatureClaims,
    kinds.USAGE_ACK: UsageAck,
    kinds.CHECK: statements.Check,
    kinds.BUDGET: statements.BudgetClaims,
    kinds.NOTICE: statements.Notice,
    kinds.TIME_RESET: statements.TimeReset,
    kinds.FORWARDED: statements.Forwarded,
    kinds.STATEMENT: statements.OwnerStatementClaims,
}


def use_for(kind: str) -> statements.KeyUse:
    """What a key has to be listed for to sign statements of this kind."""
    return "status" if kind == kinds.STATUS_LIST else "statements"
