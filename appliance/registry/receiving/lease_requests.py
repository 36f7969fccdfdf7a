"""Answers each wish for a lease: a lease, or why not."""

from appliance.federation.protocol.kinds import DENIAL, LEASE, LEASE_REQUEST
from appliance.federation.protocol.messages import WantedLease
from appliance.federation.protocol.statements import Denial
from appliance.registry.about import About
from appliance.registry.identifiers import new_id
from appliance.registry.leasing.acceptances import shows_acceptance
from appliance.registry.leasing.issuing import Issuing
from appliance.registry.leasing.statuses import StatusLists
from appliance.registry.receiving.ports import Handled, Incoming, Saying
from appliance.registry.store import policies
from appliance.registry.store.database import Session


class LeaseRequests:
    """A new lease may have a new place in the status list, so the list comes along."""

    kind = LEASE_REQUEST
    repeatable = False

    def __init__(self, about: About, issuing: Issuing, lists: StatusLists) -> None:
        self._about = about
        self._issuing = issuing
        self._lists = lists

    def handle(self, session: Session, incoming: Incoming) -> Handled:
        """Never refuses: a no to one model is an answer."""
        sayings = tuple(self._answer(session, incoming, wanted) for wanted in incoming.message.wanted)
        return Handled(sayings, signed=(self._lists.newest(session, incoming.now_s),))

    def _answer(self, session: Session, incoming: Incoming, wanted: WantedLease) -> Saying:
        accepted = _is_accepted(session, incoming, wanted)
        lease = self._issuing.ask(session, incoming.box, wanted, accepted=accepted, now_s=incoming.now_s)
        if not isinstance(lease, str):
            return Saying(LEASE, lease)
        denial = Denial(
            iss=self._about.name,
            sub=incoming.box.id,
            jti=new_id("no"),
            iat=incoming.now_s,
            re=incoming.message.jti,
            about=wanted.model,
            reason=lease,
        )
        return Saying(DENIAL, denial)


def _is_accepted(session: Session, incoming: Incoming, wanted: WantedLease) -> bool:
    terms = policies.of_model(session, wanted.model).terms_sha256
    if not terms:
        return True
    shown = shows_acceptance(incoming.message.acceptances, model=wanted.model, terms_sha256=terms)
    return wanted.terms_sha256 == terms and shown
