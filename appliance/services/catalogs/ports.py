"""What the service needs of others."""

from pathlib import Path
from typing import Protocol

from appliance.domain.catalogs import CatalogState, RefreshOutcome


class Signed(Protocol):
    """The catalogs that the box trusts. Blocking: every call reads files, and a refresh asks outside."""

    def states(self) -> tuple[CatalogState, ...]:
        """How each stands now."""
        ...

    def refresh(self, name: str | None = None, mirror: Path | None = None) -> tuple[RefreshOutcome, ...]:
        """Fetch one or all. Raises ``NotFound``, ``BadRequest``, ``StorageUnavailable``."""
        ...


class Catalog(Protocol):
    """What the rest of the box knows of recipes."""

    def reload(self) -> None:
        """Read every source again; blocking."""
        ...
