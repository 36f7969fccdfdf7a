"""Under which addresses a class reaches the box, and the door that is open for it alone."""

from typing import Protocol

from appliance.domain.classes import SchoolClass


class ClassDoor(Protocol):
    """Addresses are URLs without a path and without a slash at the end, such as ``http://10.20.0.5:7480``."""

    async def open(self, lesson: SchoolClass) -> str:
        """Let in whoever comes over plain HTTP on the class's network, if it is of that kind; the address, or
        empty for a class that is not ``plain``. Safe twice. Raises ``Conflict``: the port is taken, or nobody
        said which of several addresses the class is on.
        """
        ...

    async def close(self, lesson: SchoolClass) -> None:
        """Nobody comes in by it for this class any more. It stays open for others. Safe twice."""
        ...

    def addresses(self, lesson: SchoolClass) -> tuple[str, ...]:
        """What students of the class may type, the best first: what works without trusting a certificate, a
        number before a name. Never empty.
        """
        ...

    def plain_address(self, lesson: SchoolClass) -> str:
        """The one of plain HTTP while it is open for this class, else empty."""
        ...

    def fingerprint(self) -> str:
        """SHA-256 of the box's own authority, ``AB:CD:…``; empty where the certificate is the university's or
        there is none.
        """
        ...

    def name_url(self, lesson: SchoolClass | None = None) -> str:
        """The address by name, ``NAME.local``, as this class reaches it; empty where no name is published."""
        ...
