"""What has to be done before a project is given more compute: the port of duties."""

from typing import Protocol


class Duties(Protocol):
    """What a project owes for more compute."""

    async def check_limit(self, project_id: str, limit_micro: int | None) -> None:
        """Raises ``NotPermitted`` where something must be done before it may spend so much in all; giving it
        less is always possible.
        """
        ...

    async def check_more(self, project_id: str, more_micro: int) -> None:
        """Raises ``NotPermitted`` where something must be done before it may have so much more."""
        ...


class NoDuties:
    """Where nothing is owed for compute."""

    async def check_limit(self, project_id: str, limit_micro: int | None) -> None:
        """Never refuses."""

    async def check_more(self, project_id: str, more_micro: int) -> None:
        """Never refuses."""
