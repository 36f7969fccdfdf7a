"""The way to a registry, as whoever syncs sees it."""

from typing import Protocol

from appliance.federation.protocol.replies import Reply


class Transport(Protocol):
    """To one registry. Close it with ``aclose``."""

    async def post(self, path: str, token: str) -> Reply:
        """Send one signed message to ``path`` (of ``kinds.PATHS``) and read what comes back.

        Raises ``replies.Refused`` for the registry's no, with ``retry_after_s`` among its members where it
        says when; ``OutboundFailed``, ``Offline`` where nothing that counts came back.
        """
        ...

    async def read(self, path: str, most_bytes: int) -> bytes:
        """A public file of the registry, such as ``tuf/metadata/1.root.json``. Raises ``NotFound`` where it
        has none, ``OutboundFailed``, ``Offline``.
        """
        ...

    async def aclose(self) -> None:
        """Close what is open."""
        ...
