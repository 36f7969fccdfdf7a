"""What is known of all downloads: in memory at once, on the disk once it matters."""

from collections.abc import Sequence
from dataclasses import replace

from appliance.domain.clock import Clock
from appliance.domain.download import Download, DownloadState
from appliance.errors import NotFound
from appliance.services.downloads.pace import Pace
from appliance.services.downloads.ports import DownloadTable


class Book:
    """One download of each model. What was verified and fetched never goes back."""

    def __init__(self, table: DownloadTable, clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._known: dict[str, Download] = {}
        self._paces: dict[str, Pace] = {}

    async def load(self) -> None:
        """Learn what is on the disk."""
        self._known = {one.id: one for one in await self._table.all()}

    @property
    def all(self) -> Sequence[Download]:
        """Every one as it stands now, the oldest first."""
        return [self.now(one.id) for one in self._known.values()]

    def get(self, download_id: str) -> Download:
        """As it stands, without speed. Raises ``KeyError``."""
        return self._known[download_id]

    def now(self, download_id: str) -> Download:
        """As it stands, with its speed where it runs."""
        known = self._known[download_id]
        pace = self._paces.get(download_id)
        if pace is None or known.state is not DownloadState.RUNNING:
            return known
        now_s = self._clock.monotonic_s()
        return replace(known, bytes_per_s=pace.bytes_per_s(now_s), eta_s=pace.eta_s(now_s, known.total_bytes))

    def of(self, model: str) -> Download | None:
        """The download of a model (``recipe`` or ``recipe@form``), or None."""
        return next((one for one in self._known.values() if one.model == model), None)

    def find(self, name: str) -> Download:
        """By its id or its model. Raises ``NotFound``."""
        found = self._known.get(name) or self.of(name)
        if found is None:
            raise NotFound(f"There is no download {name}; `carrel download list` shows all.")
        return found

    async def add(self, download: Download) -> None:
        """A new one, in place of an older one of the same model."""
        if (older := self.of(download.model)) is not None:
            self._forget(older.id)
        self._known[download.id] = download
        await self._table.put(download)

    async def remove(self, download_id: str) -> None:
        """Forget it."""
        self._forget(download_id)
        await self._table.remove(download_id)

    def note(self, download_id: str, **changes: object) -> Download:
        """Change it in memory alone; ``keep`` brings that to the disk."""
        known = self._known[download_id]
        changed = replace(known, **changes, updated_ms=self._clock.now_ms())  # type: ignore[arg-type]
        changed = replace(
            changed,
            verified_bytes=max(known.verified_bytes, min(changed.verified_bytes, known.total_bytes)),
            fetched_bytes=max(known.fetched_bytes, changed.fetched_bytes),
        )
        self._known[download_id] = changed
        return changed

    async def keep(self, download_id: str) -> None:
        """Bring it to the disk as it stands. Raises ``StorageUnavailable``."""
        await self._table.put(self._known[download_id])

    async def change(self, download_id: str, **changes: object) -> Download:
        """Change it, on the disk too. Raises ``StorageUnavailable``; memory has changed all the same."""
        changed = self.note(download_id, **changes)
        await self.keep(download_id)
        return changed

    def begin(self, download_id: str) -> None:
        """Its speed is counted anew."""
        self._paces[download_id] = Pace()

    def arrived(self, download_id: str, have_bytes: int, *, fetched_bytes: int, source: str) -> None:
        """So much of it is verified now, after so much that came over the network in all."""
        if (pace := self._paces.get(download_id)) is not None:
            now_s = self._clock.monotonic_s()
            pace.note(now_s, have_bytes, fetched_bytes=fetched_bytes, source=source)
        self.note(download_id, verified_bytes=have_bytes, fetched_bytes=fetched_bytes, source=source)

    def _forget(self, download_id: str) -> None:
        self._known.pop(download_id, None)
        self._paces.pop(download_id, None)
