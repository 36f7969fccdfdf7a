"""Asks boxes to show rows of what they reported, by chance."""

import random
from collections.abc import Sequence
from typing import Final

from appliance.errors import BadRequest, NotFound
from appliance.federation.protocol.kinds import CHECK
from appliance.federation.protocol.statements import Check
from appliance.registry.identifiers import new_id
from appliance.registry.operating.mail import put_mail
from appliance.registry.operating.office import Office, held_box
from appliance.registry.store import batches, checks
from appliance.registry.store.checks import SpotCheck

MOST: Final = 64
_CHANCE: Final = random.SystemRandom()


def ask_check(office: Office, box: str, *, day: str = "", leaves: int = 5, reason: str = "") -> Check:
    """So many rows of the newest batch that has rows, or of the newest that speaks of ``day``. Raises
    ``NotFound``, ``BadRequest``.
    """
    if not 1 <= leaves <= MOST:
        raise BadRequest(f"A check is about 1 to {MOST} rows.", param="leaves")
    with office.acting() as session:
        found = held_box(session, box)
        batch = batches.with_leaves(session, found.number, day)
        if batch is None:
            raise NotFound("This box has reported nothing of which rows could be shown.", param="day")
        chosen = sorted(_CHANCE.sample(range(batch.leaves), min(leaves, batch.leaves)))
        check = Check(
            iss=office.about.name,
            sub=found.id,
            jti=new_id("chk"),
            iat=office.now_s,
            epoch=batch.epoch,
            seq=batch.seq,
            leaves=tuple(chosen),
            reason=reason[:300],
        )
        checks.insert(
            session,
            check.jti,
            found.number,
            epoch=check.epoch,
            seq=check.seq,
            leaves=check.leaves,
            reason=check.reason,
            now_s=office.now_s,
        )
        put_mail(session, found.number, CHECK, check)
        office.note(session, "registry.check", check.jti, box)
    return check


def list_checks(office: Office) -> Sequence[SpotCheck]:
    """Newest first."""
    with office.database.reading() as session:
        return checks.all_of(session)
