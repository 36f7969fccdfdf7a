"""Plain words for operators of boxes, and what time it is."""

import unicodedata
from collections.abc import Sequence
from typing import Final

from appliance.errors import BadRequest
from appliance.federation.protocol.kinds import NOTICE, TIME_RESET
from appliance.federation.protocol.limits import NOTICE_LENGTH
from appliance.federation.protocol.statements import Notice, TimeReset
from appliance.registry.identifiers import new_id
from appliance.registry.operating.mail import put_mail
from appliance.registry.operating.office import Office, box_of, held_box
from appliance.registry.store import boxes
from appliance.registry.store.boxes import Box

EVERY_BOX: Final = "all"


def send_notice(office: Office, to: str, text: str) -> Sequence[Box]:
    """To one box, or ``all`` that are not suspended; whom it is for. Raises ``NotFound``, ``BadRequest``."""
    words = text.strip()
    if not words or len(words) > NOTICE_LENGTH or any(_is_control(character) for character in words):
        raise BadRequest(
            f"A notice is plain text of at most {NOTICE_LENGTH} characters, without control characters.",
            param="text",
        )
    with office.acting() as session:
        readers = (
            [box for box in boxes.all_of(session) if box.state == "active"]
            if to == EVERY_BOX
            else [box_of(session, to)]
        )
        for box in readers:
            notice = Notice(
                iss=office.about.name, sub=box.id, jti=new_id("ntc"), iat=office.now_s, text=words
            )
            put_mail(session, box.number, NOTICE, notice)
        office.note(session, "registry.notice", to, words)
    return readers


def reset_time(office: Office, box: str) -> None:
    """Its next sync tells it what time it is, whatever it believed. Raises ``NotFound``."""
    with office.acting() as session:
        found = held_box(session, box)
        reset = TimeReset(iss=office.about.name, sub=found.id, jti=new_id("time"), iat=office.now_s)
        put_mail(session, found.number, TIME_RESET, reset)
        office.note(session, "registry.time", box)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
