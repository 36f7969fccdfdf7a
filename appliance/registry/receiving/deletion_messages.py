"""Keeps what boxes say became of files whose lease was taken back."""

from appliance.federation.protocol.kinds import DELETION
from appliance.registry.receiving.ports import Handled, Incoming
from appliance.registry.store import deletions
from appliance.registry.store.database import Session


class DeletionMessages:
    """For people."""

    kind = DELETION
    repeatable = False

    def handle(self, session: Session, incoming: Incoming) -> Handled:
        """Never refuses."""
        deletions.insert(session, incoming.box.number, incoming.message, incoming.now_s)
        return Handled()
