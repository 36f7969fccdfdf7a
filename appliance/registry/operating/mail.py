"""Puts statements where boxes find them at their next sync."""

from typing import Protocol

import msgspec

from appliance.registry.store import mailbox
from appliance.registry.store.database import Session


class _Said(Protocol):
    @property
    def jti(self) -> str: ...

    @property
    def iat(self) -> int: ...


def put_mail(session: Session, box: int, kind: str, statement: _Said) -> None:
    """Any statement of ``federation.protocol.statements`` that has a ``jti``; it is signed when it leaves,
    with the time that it is then, for the key that the box has then.
    """
    mailbox.put(
        session,
        box,
        id=statement.jti,
        kind=kind,
        body=msgspec.json.encode(statement),
        now_s=statement.iat,
    )
