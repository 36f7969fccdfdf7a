"""The status list: signed anew when something was taken back, and every hour, since it also tells boxes what
time it is.
"""

from typing import Final

from appliance.federation.protocol.kinds import STATUS_LIST
from appliance.federation.protocol.statements import StatusList
from appliance.federation.protocol.status_list import pack
from appliance.registry.about import About
from appliance.registry.signing import Signers
from appliance.registry.store import standings, status_lists
from appliance.registry.store.database import Session
from appliance.registry.store.status_lists import Newest

LIFE_S: Final = 30 * 86_400
"""After it a box treats its leases as in their days of grace: as late as an ordinary lease would bring it
there."""
FRESH_S: Final = 3600
_SUBJECT: Final = "leases"
_AHEAD: Final = 2048
"""So many new leases need no new list."""


class StatusLists:
    """``newest`` is cheap: the token is kept."""

    def __init__(self, signers: Signers, about: About) -> None:
        self._signers = signers
        self._about = about

    def newest(self, session: Session, now_s: int) -> str:
        """The token."""
        held = status_lists.newest(session)
        if held.token and now_s < held.iat_s + FRESH_S:
            return held.token
        status_lists.spoil(session)
        # Of two lists the later counts, so that no two may be of one second.
        iat_s = max(now_s, status_lists.newest(session).iat_s + 1)
        size = standings.count(session) + _AHEAD
        token = self._signers.sign(STATUS_LIST, self._list(session, iat_s, size))
        status_lists.put(session, Newest(token, iat_s, size))
        return token

    def _list(self, session: Session, iat_s: int, size: int) -> StatusList:
        return StatusList(
            iss=self._about.name,
            sub=_SUBJECT,
            iat=iat_s,
            exp=iat_s + LIFE_S,
            ttl=FRESH_S,
            bits=2,
            lst=pack(standings.marked(session), size),
        )
