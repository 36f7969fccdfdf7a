"""A registry that has the right keys and means ill: what it slips in beside its answers."""

import base64
import zlib

import msgspec

from appliance.federation.protocol import kinds
from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.limits import STATUS_LIST_BYTES
from appliance.federation.protocol.replies import Reply
from appliance.federation.protocol.statements import Notice, StatusList
from tests.federation.made import new_key
from tests.federation.simulator import DAY_S, NAME, SimulatedRegistry

CONTROL = "Read this\x1b[2J\x1b]0;title\x07 now\u202e\r\n"


class HostileRegistry(SimulatedRegistry):
    """``slip_in`` are tokens that come after the honest ones, with every answer; ``old_status_list`` takes
    the place of the new ones.
    """

    def __init__(self, *given: object) -> None:
        super().__init__(*given)
        self.slip_in: list[str] = []
        self.old_status_list = ""

    def receive(self, token: str, path: str | None = None) -> Reply:
        reply = super().receive(token, path)
        return msgspec.structs.replace(reply, items=(*reply.items, *self.slip_in))

    def status_list(self) -> str:
        return self.old_status_list or super().status_list()

    def roll_back(self) -> None:
        """From now on the status list of this moment is all that boxes get."""
        self.old_status_list = super().status_list()

    def others_lease(self, box: str, model: str) -> str:
        """A lease for ``model`` that another box got; ``box`` is the one that it is shown to."""
        self.add_box("o" * 43)
        claims = self.lease_for("o" * 43, model)
        assert claims.sub != box
        return self.key.sign(kinds.LEASE, claims)

    def stolen_lease(self, box: str, model: str) -> str:
        """It names the box and is bound to another's key."""
        return self.key.sign(kinds.LEASE, self.lease_for(box, model, cnf=Confirmation("o" * 43)))

    def forged_lease(self, box: str, model: str) -> str:
        """Signed with a key that it does not list."""
        return new_key().sign(kinds.LEASE, self.lease_for(box, model))

    def lease_by_the_status_key(self, box: str, model: str) -> str:
        """Signed with the key that may sign status lists alone."""
        return self.status_key.sign(kinds.LEASE, self.lease_for(box, model))

    def zip_bomb(self, size: int = 400 * STATUS_LIST_BYTES) -> str:
        """A status list that is small, and unpacks to ``size`` bytes (100 MB)."""
        packing, packed = zlib.compressobj(9), b""
        for _ in range(size // STATUS_LIST_BYTES):
            packed += packing.compress(bytes(STATUS_LIST_BYTES))
        lst = base64.urlsafe_b64encode(packed + packing.flush()).rstrip(b"=").decode()[:200_000]
        now_s = self.now_s()
        claims = StatusList(iss=NAME, sub=NAME, iat=now_s + 1, exp=now_s + DAY_S, ttl=DAY_S, bits=2, lst=lst)
        return self.status_key.sign(kinds.STATUS_LIST, claims)

    def notice(self, box: str, text: str = CONTROL) -> str:
        """With characters that move a terminal's cursor and turn its text round."""
        return self.key.sign(kinds.NOTICE, Notice(**self.about(box, "ntc"), text=text))
