"""Takes a box in: whoever has a code that nobody used, under the key that signs."""

import hashlib
from collections.abc import Sequence

from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.checking import Opened, check_own_key
from appliance.federation.protocol.kinds import ENROLLMENT
from appliance.federation.protocol.messages import Enroll
from appliance.federation.protocol.replies import Refused
from appliance.federation.protocol.statements import Enrollment, RegistryKey
from appliance.registry.about import About
from appliance.registry.identifiers import new_id
from appliance.registry.receiving.ports import Handled, Saying
from appliance.registry.store import boxes, codes, keys
from appliance.registry.store.boxes import Box, NewBox
from appliance.registry.store.counters import next_number
from appliance.registry.store.database import Session


class Enrolling:
    """The same box again is answered again, whatever became of its code."""

    def __init__(self, about: About, listed: Sequence[RegistryKey]) -> None:
        self._about = about
        self._listed = tuple(listed)

    def handle(self, session: Session, message: Opened, now_s: int) -> Handled:
        """Raises ``Refused``: ``not-yours``, ``token-spent``, ``box-suspended``, ``conflict``."""
        check_own_key(message)
        before = _before(session, message.signer.id)
        box = before or _let_in(session, message, now_s)
        return Handled((Saying(ENROLLMENT, self._enrollment(box, now_s)),), duplicate=before is not None)

    def _enrollment(self, box: Box, now_s: int) -> Enrollment:
        return Enrollment(
            iss=self._about.name,
            sub=box.id,
            jti=new_id("enr"),
            iat=now_s,
            cnf=Confirmation(box.key),
            registry=self._about.name,
            institution=box.institution_name,
            organization=box.organization,
            root_sha256=self._about.root_sha256,
            keys=self._listed,
        )


def _before(session: Session, key: str) -> Box | None:
    if not keys.is_known(session, key):
        return None
    box = boxes.of_id(session, key)
    if box is None or box.key != key:
        raise Refused("conflict", "This key belongs to a box that has enrolled and has another key now.")
    if box.state == "suspended":
        raise Refused("box-suspended", f"This registry has suspended the box: {box.reason}"[:300])
    return box


def _let_in(session: Session, message: Opened, now_s: int) -> Box:
    enroll: Enroll = message.message
    code = codes.spend(session, code_hash(enroll.code), box=enroll.box, now_s=now_s)
    if code is None:
        raise Refused("token-spent", "This code is unknown, was used, or has ended. Ask for a new one.")
    number = next_number(session, "box")
    boxes.insert(
        session,
        NewBox(
            number=number,
            id=enroll.box,
            institution=code.institution,
            organization=code.organization,
            name=enroll.name,
            software=enroll.software,
            sealing_key=enroll.sealing_key,
            replaces=enroll.replaces,
            enrolled_s=now_s,
        ),
    )
    keys.insert(session, number, id=message.signer.id, x=message.signer.text, now_s=now_s)
    box = boxes.of_number(session, number)
    if box is None:
        raise Refused("maintenance", "The registry could not take the box in. Try again.")
    return box


def code_hash(code: str) -> str:
    """As it is kept."""
    return hashlib.sha256(code.encode()).hexdigest()
