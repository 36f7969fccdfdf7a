"""Takes applications in, for a person to decide, or at once where the model's policy says so."""

from typing import Final

from appliance.federation.protocol.kinds import APPLICATION, COUNTERSIGNATURE, DENIAL
from appliance.federation.protocol.messages import ApplicationMessage
from appliance.registry.leasing.countersigning import Countersigning
from appliance.registry.receiving.ports import Handled, Incoming, Saying
from appliance.registry.store import applications, policies
from appliance.registry.store.applications import StoredApplication
from appliance.registry.store.database import Session

LIFE_S: Final = 365 * 86_400
"""Of a countersignature that names no end."""
_BY_POLICY: Final = "policy"


class ApplicationMessages:
    """The same application again is answered as it was decided, as long as not a word of it has changed."""

    kind = APPLICATION
    repeatable = False

    def __init__(self, countersigning: Countersigning) -> None:
        self._countersigning = countersigning

    def handle(self, session: Session, incoming: Incoming) -> Handled:
        """Never refuses; a decision comes by mail."""
        message: ApplicationMessage = incoming.message
        known = applications.find(
            session, applications.application_id(incoming.box.number, message.application)
        )
        if known is not None and _is_same(known.message, message) and known.state != "waiting":
            return Handled((self._decided(incoming, known),), duplicate=True)
        stored = applications.put(
            session, incoming.box.number, message, digest=incoming.digest, now_s=incoming.now_s
        )
        if not policies.of_model(session, message.model).countersigns_at_once:
            return Handled()
        return self._at_once(session, incoming, stored)

    def _decided(self, incoming: Incoming, known: StoredApplication) -> Saying:
        box, now_s = incoming.box, incoming.now_s
        if known.state == "countersigned":
            return Saying(COUNTERSIGNATURE, self._countersigning.claims(box, known, known.until_s, now_s))
        return Saying(DENIAL, self._countersigning.denial(box, known, known.reason, now_s))

    def _at_once(self, session: Session, incoming: Incoming, id: str) -> Handled:
        stored = applications.find(session, id)
        if stored is None:
            return Handled()
        until_s = incoming.now_s + LIFE_S
        if incoming.message.until:
            until_s = min(until_s, incoming.message.until)
        claims = self._countersigning.agree(
            session, incoming.box, stored, until_s=until_s, by=_BY_POLICY, now_s=incoming.now_s
        )
        return Handled((Saying(COUNTERSIGNATURE, claims),) if claims else ())


def _is_same(one: ApplicationMessage, other: ApplicationMessage) -> bool:
    return one.agreed_sha256 == other.agreed_sha256 and one.grant == other.grant
