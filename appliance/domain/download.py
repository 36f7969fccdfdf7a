"""A download of one model's files: what is asked for, what is heard of it, how it stands."""

from dataclasses import dataclass, field
from enum import StrEnum

from appliance.domain.recipe import RecipeFile
from appliance.domain.source import WeightSource


class DownloadState(StrEnum):
    """In the word that every front end shows."""

    WAITING = "waiting"
    """Another one goes before it."""
    RUNNING = "running"
    CHECKING = "checking"
    """All bytes are here and verified; somebody looks inside."""
    PAUSED = "paused"
    FAILED = "failed"
    """``reason`` says why and what to do; ``model pull`` goes on where it ended."""
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def under_way(self) -> bool:
        """It goes on by itself, also after a restart."""
        return self in {DownloadState.WAITING, DownloadState.RUNNING, DownloadState.CHECKING}

    @property
    def unfinished(self) -> bool:
        """What it has brought so far is kept for it."""
        return self.under_way or self in {DownloadState.PAUSED, DownloadState.FAILED}


@dataclass(frozen=True, slots=True)
class Download:
    """One download, as it is remembered over restarts. Times in ms since 1970 UTC.

    ``verified_bytes`` are on the disk and hashed, of ``total_bytes``; it never goes back. ``fetched_bytes``
    came over the network, over all attempts. ``bytes_per_s`` and ``eta_s`` are None where nobody can tell.
    """

    id: str
    model: str
    """``recipe`` or ``recipe@form``."""
    revision: int
    state: DownloadState
    total_bytes: int
    verified_bytes: int = 0
    fetched_bytes: int = 0
    source: str = ""
    """The place that it comes from now, or came from last."""
    reason: str = ""
    error: str = ""
    """Of one that failed: the code of its error."""
    dropped: tuple[str, ...] = ()
    """Places that served other bytes, and are not asked any more."""
    sha256s: tuple[str, ...] = ()
    """Of its files, by which what came of it is found when its recipe is gone or has others."""
    created_ms: int = 0
    updated_ms: int = 0
    bytes_per_s: int | None = None
    eta_s: int | None = None


@dataclass(frozen=True, slots=True)
class ShownPass:
    """What is shown to the mirror at this ``address``, and to no other place: a signed token."""

    address: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FetchOrder:
    """Bring these files into the blob store of ``models_dir``. Places are tried in order.

    ``rate_bytes_s`` 0: as fast as it goes. ``token`` is the file that holds the hub's token, or empty.
    """

    files: tuple[RecipeFile, ...]
    sources: tuple[WeightSource, ...]
    models_dir: str
    hub: str
    token: str = ""
    proxy: str = ""
    connections: int = 4
    rate_bytes_s: int = 0
    passes: tuple[ShownPass, ...] = ()
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """Of all files together. ``fetched_bytes`` came over the network since this fetch began."""

    verified_bytes: int
    fetched_bytes: int
    source: str


@dataclass(frozen=True, slots=True)
class SourceDropped:
    """A place served other bytes than the recipe says, and is not asked any more in this fetch."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """Every file is in the blob store and verified; nothing comes after it."""


FetchEvent = FetchProgress | SourceDropped | Fetched
"""A fetch that fails raises instead: ``IntegrityFailed`` (all places served other bytes),
``StorageUnavailable`` (the disk is full), ``Offline``, ``OutboundFailed`` (no place could be reached),
``NotAllowed`` (gated; the message says the next step), ``NotFound``.
"""
