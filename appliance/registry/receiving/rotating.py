"""Gives a box a new key: the old one says so, and the new one agrees."""

from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.checking import opened_next_key
from appliance.federation.protocol.kinds import ROTATE, ROTATION
from appliance.federation.protocol.limits import OVERLAP_S
from appliance.federation.protocol.replies import Refused
from appliance.federation.protocol.statements import Rotation
from appliance.registry.about import About
from appliance.registry.identifiers import new_id
from appliance.registry.receiving.ports import Handled, Incoming, Saying
from appliance.registry.store import keys
from appliance.registry.store.database import Session


class Rotating:
    """Wherever it was interrupted, the same rotation said again ends the same."""

    kind = ROTATE
    repeatable = True

    def __init__(self, about: About) -> None:
        self._about = about

    def handle(self, session: Session, incoming: Incoming) -> Handled:
        """Raises ``Refused``: ``conflict`` for a key that was in use, or that is the box's own no more."""
        new = opened_next_key(incoming.message).signer
        done = new.id == incoming.box.key
        if not done:
            if incoming.key != incoming.box.key:
                raise Refused("conflict", "This key was replaced by another one; sign with that.")
            if keys.is_known(session, new.id):
                raise Refused("conflict", "The new key was in use before; make another.")
            until_s = incoming.now_s + OVERLAP_S
            keys.replace(
                session, incoming.box.number, id=new.id, x=new.text, now_s=incoming.now_s, until_s=until_s
            )
        return Handled((self._saying(session, incoming, new.id),), duplicate=done)

    def _saying(self, session: Session, incoming: Incoming, key: str) -> Saying:
        ends = [end for end in keys.of_box(session, incoming.box.number).values() if end is not None]
        rotation = Rotation(
            iss=self._about.name,
            sub=incoming.box.id,
            jti=new_id("rot"),
            iat=incoming.now_s,
            cnf=Confirmation(key),
            overlap_until=max(ends, default=incoming.now_s),
        )
        return Saying(ROTATION, rotation)
