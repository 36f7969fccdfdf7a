"""Carries letters between boxes: as they were signed, to whoever they are for, and not too many.

The registry says whose keys are whose. What a sealed letter says it cannot read, and no letter means anything
to it.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from appliance.errors import BadRequest
from appliance.federation.protocol.kinds import FORWARDED, LETTER
from appliance.federation.protocol.letters import MOST_A_DAY, MOST_WAITING, SEALED, read_body
from appliance.federation.protocol.messages import Letter
from appliance.federation.protocol.replies import Refused
from appliance.federation.protocol.statements import Forwarded
from appliance.registry.about import About
from appliance.registry.identifiers import new_id
from appliance.registry.receiving.ports import Handled, Incoming
from appliance.registry.store import boxes, keys, letters, mailbox
from appliance.registry.store.boxes import Box
from appliance.registry.store.database import Session

MOST_TOKEN: Final = 200_000
"""Of a letter as it was signed."""
_DAY_S: Final = 86_400
_SEALED_PARTS: Final = 5


class LetterMessages:
    """Its reader finds it with the next sync, or nobody does within the time that mail is kept."""

    kind = LETTER
    repeatable = False

    def __init__(self, about: About) -> None:
        self._about = about

    def handle(self, session: Session, incoming: Incoming) -> Handled:
        """Raises ``Refused``: ``too-large``, ``schema``, ``not-found``, ``rate``."""
        _check_content(incoming)
        self._check_rate(session, incoming)
        readers = _readers(session, incoming.message)
        for reader in readers:
            if letters.waiting_for(session, reader.number) >= MOST_WAITING:
                raise Refused("rate", "Too many letters wait for that reader.", retry_after_s=_DAY_S)
            self._forward(session, incoming, reader)
        return Handled()

    def _check_rate(self, session: Session, incoming: Incoming) -> None:
        today_s = incoming.now_s - incoming.now_s % _DAY_S
        if letters.written_since(session, incoming.box.number, today_s) >= MOST_A_DAY:
            raise Refused(
                "rate",
                f"A box writes at most {MOST_A_DAY} letters a day (UTC).",
                retry_after_s=max(1, today_s + _DAY_S - incoming.now_s),
            )

    def _forward(self, session: Session, incoming: Incoming, reader: Box) -> None:
        sender = incoming.box
        counting = [
            one
            for one, until_s in keys.of_box(session, sender.number).items()
            if until_s is None or until_s >= incoming.now_s
        ]
        statement = Forwarded(
            iss=self._about.name,
            sub=reader.id,
            jti=new_id("let"),
            iat=incoming.now_s,
            from_box=sender.id,
            from_institution=sender.institution_name[:300],
            from_organization=sender.organization,
            sealing_key=sender.sealing_key,
            # The one that signed it first: a key may be replaced many times before the letter is read.
            from_keys=tuple(dict.fromkeys((incoming.key, *counting)))[:8],
            letter=incoming.token,
        )
        mailbox.put(
            session,
            reader.number,
            id=statement.jti,
            kind=FORWARDED,
            body=msgspec.json.encode(statement),
            now_s=incoming.now_s,
        )


def _check_content(incoming: Incoming) -> None:
    letter: Letter = incoming.message
    if len(incoming.token) > MOST_TOKEN:
        raise Refused("too-large", f"A letter has at most {MOST_TOKEN} bytes.")
    if bool(letter.to_box) == bool(letter.to_organization):
        raise Refused("schema", "A letter is for one box, or for one organization.")
    if not letter.body.startswith("{"):
        if letter.body.count(".") != _SEALED_PARTS - 1:
            raise Refused("schema", "A letter is neither JSON nor sealed.")
        return
    if letter.kind in SEALED:
        raise Refused("schema", f"A letter of the kind {letter.kind} has to be sealed.")
    try:
        read_body(letter.kind, letter.body.encode())
    except BadRequest as error:
        raise Refused("schema", error.message[:300]) from error


def _readers(session: Session, letter: Letter) -> Sequence[Box]:
    """Suspended boxes get no letters."""
    if letter.to_box:
        one = boxes.of_id(session, letter.to_box)
        found = [] if one is None else [one]
    else:
        found = list(boxes.of_organization(session, letter.to_organization))
    active = [one for one in found if one.state == "active"]
    if not active:
        raise Refused("not-found", "No box of that name has enrolled here.")
    return active
