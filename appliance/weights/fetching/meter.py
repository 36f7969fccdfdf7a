"""How far a fetch is, over all its files. Never goes back, whatever is fetched again."""

from collections.abc import Callable

from appliance.domain.download import FetchProgress


class Meter:
    """``tell`` gets a progress wherever something changed, and not oftener than ``every_s``."""

    def __init__(
        self, tell: Callable[[FetchProgress], None], clock: Callable[[], float], every_s: float = 0.1
    ) -> None:
        self._tell = tell
        self._clock = clock
        self._every_s = every_s
        self._finished_bytes = 0
        self._fetched_bytes = 0
        self._source = ""
        self._told: FetchProgress | None = None
        self._told_at = 0.0

    def start(self, there_bytes: int) -> None:
        """So many bytes are verified already."""
        self._finished_bytes = there_bytes

    def came(self, count: int) -> None:
        """So many bytes came over the network."""
        self._fetched_bytes += count

    def comes_from(self, source: str) -> None:
        """The place that is asked now."""
        self._source = source

    def finished(self, count: int) -> None:
        """A file of so many bytes is verified."""
        self._finished_bytes += count
        self.look(0, at_once=True)

    def look(self, hashed_bytes: int, *, at_once: bool = False) -> None:
        """So many bytes of the present file are on the disk and hashed."""
        if not at_once and self._told is not None and self._clock() - self._told_at < self._every_s:
            return
        before = self._told.verified_bytes if self._told else 0
        verified = max(before, self._finished_bytes + hashed_bytes)
        progress = FetchProgress(verified, self._fetched_bytes, self._source)
        if progress != self._told:
            self._told, self._told_at = progress, self._clock()
            self._tell(progress)
