"""What answers boxes, as the web app sees it. All of it blocks."""

from typing import Protocol

from appliance.federation.protocol.replies import Reply


class Receives(Protocol):
    """``receiving.desk.Desk``."""

    def receive(
        self, token: str, proof: str | None = None, path: str | None = None, *, address: str = ""
    ) -> Reply:
        """Raises ``Refused``. Over the network there is a proof and a path, and an address unless a proxy
        hides it.
        """
        ...

    def nonce(self) -> str:
        """One more, for one message."""
        ...
