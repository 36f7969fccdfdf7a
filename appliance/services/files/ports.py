"""What files need of the box: where they are remembered, and where their contents lie."""

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from appliance.domain.files import Holdings, StoredFile
from appliance.domain.people import Owner


class Draft(Protocol):
    """A file in the making. Raises ``StorageUnavailable``."""

    @property
    def size_bytes(self) -> int:
        """Written so far."""
        ...

    async def write(self, data: bytes) -> None:
        """Append."""
        ...

    async def seal(self) -> None:
        """Put it in its place, on the disk."""
        ...


class Shelf(Protocol):
    """Contents by the id of their file. Raises ``StorageUnavailable``."""

    async def open(self, known: Collection[str]) -> int:
        """Get ready, and remove what is not known, which a crash has left. Returns how many."""
        ...

    def writing(self, file_id: str) -> AbstractAsyncContextManager[Draft]:
        """A new file, gone after the block unless it was sealed."""
        ...

    async def read(self, file_id: str, offset: int, size_bytes: int) -> bytes:
        """At most so many bytes from there on; empty behind the end. Raises ``NotFound``."""
        ...

    async def remove(self, file_id: str) -> None:
        """One that is not there is removed already."""
        ...


class Files(Protocol):
    """What is remembered of files. Another owner's file is one that is not there."""

    async def add(self, file: StoredFile) -> None:
        """Remember a file whose content is on the shelf."""
        ...

    async def get(self, owner: Owner, file_id: str) -> StoredFile:
        """Raises ``NotFound``."""
        ...

    async def page(
        self, owner: Owner, *, purpose: str | None, after: str | None, limit: int, newest_first: bool
    ) -> Sequence[StoredFile]:
        """Those behind the file ``after``. Raises ``NotFound`` where there is none of that id."""
        ...

    async def holdings(self, holder: str) -> Holdings:
        """How much one holder has, in all projects together."""
        ...

    async def remove(self, owner: Owner, file_id: str) -> None:
        """Raises ``NotFound``."""
        ...

    async def expire(self, now_ms: int, keep: Collection[str]) -> Sequence[str]:
        """Forget those whose time is over, but for those to keep. Returns their ids."""
        ...
