"""Lets boxes in, and keeps them out."""

import secrets
from collections.abc import Sequence
from typing import Final

from appliance.errors import BadRequest, Conflict
from appliance.federation.protocol.limits import CODE_LIFE_S
from appliance.registry.operating.office import Office, box_of, held_box
from appliance.registry.receiving.enrolling import code_hash
from appliance.registry.store import boxes, codes, institutions, standings, status_lists
from appliance.registry.store.boxes import Box

_CODE_BYTES: Final = 20
_MOST_LIFE_S: Final = 30 * 86_400


def make_code(office: Office, *, institution: str, organization: str = "", life_s: int = CODE_LIFE_S) -> str:
    """A code that lets one box of the institution in, once; it is nowhere but in what this answers.
    ``organization`` is the name under which its lab may list models. Raises ``BadRequest``.
    """
    if not institution.strip() or len(institution) > 300:
        raise BadRequest("An institution has a name of at most 300 characters.", param="institution")
    if not 0 < life_s <= _MOST_LIFE_S:
        raise BadRequest("A code lives for at most 30 days.", param="days")
    code = secrets.token_urlsafe(_CODE_BYTES)
    with office.acting() as session:
        codes.insert(
            session,
            code_hash(code),
            institution=institutions.known(session, institution.strip()),
            organization=organization,
            now_s=office.now_s,
            until_s=office.now_s + life_s,
        )
        office.note(session, "registry.code", institution.strip(), organization)
    return code


def list_boxes(office: Office) -> Sequence[Box]:
    """Every one, oldest first."""
    with office.database.reading() as session:
        return boxes.all_of(session)


def suspend_box(office: Office, id: str, reason: str) -> Box:
    """It is answered nothing but that, and what it leases is suspended; both at its next sync. Raises
    ``NotFound``, ``Conflict``.
    """
    with office.acting() as session:
        box = held_box(session, id)
        if box.state == "suspended":
            raise Conflict("This box is suspended already.")
        boxes.set_state(session, box.number, "suspended", reason)
        status_lists.spoil(session)
        standings.change_all(
            session, box.number, old="valid", new="suspended", reason=_of_box(reason), now_s=office.now_s
        )
        office.note(session, "registry.box.suspend", id, reason)
        return box_of(session, id)


def resume_box(office: Office, id: str) -> Box:
    """With the leases that were suspended together with it. Raises ``NotFound``, ``Conflict``."""
    with office.acting() as session:
        box = held_box(session, id)
        if box.state != "suspended":
            raise Conflict("This box is not suspended.")
        boxes.set_state(session, box.number, "active", "")
        status_lists.spoil(session)
        standings.change_all(
            session, box.number, old="suspended", new="valid", reason="", now_s=office.now_s,
            only=_of_box(box.reason),
        )  # fmt: skip
        office.note(session, "registry.box.resume", id)
        return box_of(session, id)


def link_box(office: Office, id: str, *, replaces: str) -> Box:
    """A person has seen that it stands for a box that was lost, which is suspended with that. Raises
    ``NotFound``, ``BadRequest``.
    """
    if id == replaces:
        raise BadRequest("A box does not replace itself.", param="replaces")
    with office.acting() as session:
        box, lost = held_box(session, id), held_box(session, replaces)
        boxes.set_replaces(session, box.number, replaces)
        office.note(session, "registry.box.link", id, replaces)
        still_active = lost.state == "active"
    if still_active:
        suspend_box(office, replaces, f"Replaced by {id}.")
    with office.database.reading() as session:
        return box_of(session, id)


def _of_box(reason: str) -> str:
    return f"The box is suspended: {reason}"
