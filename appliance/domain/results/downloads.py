"""What actions on the files of models answer: downloads, and what is removed."""

from appliance.domain.results.base import Result


class DownloadStatus(Result, frozen=True):
    """One download. ``state`` is ``waiting``, ``running``, ``checking``, ``paused``, ``failed``, ``done`` or
    ``cancelled``; ``reason`` says why. Times in ms since 1970 UTC.

    ``verified_bytes`` of ``total_bytes`` are here and hashed; ``fetched_bytes`` came over the network for it,
    in all. ``error`` is the code of the error that it failed with. ``dropped`` are places that served other
    bytes than the recipe says. ``bytes_per_s`` and ``eta_s`` are None where nobody can tell.
    """

    id: str
    model: str
    revision: int
    state: str
    total_bytes: int
    verified_bytes: int
    fetched_bytes: int
    percent: int
    source: str
    created_ms: int
    updated_ms: int
    reason: str | None = None
    error: str | None = None
    dropped: tuple[str, ...] = ()
    bytes_per_s: int | None = None
    eta_s: int | None = None


class DownloadList(Result, frozen=True):
    """The last download of each model, the oldest first."""

    downloads: tuple[DownloadStatus, ...]


class KeptFile(Result, frozen=True):
    """A file that stays on the disk, and the models that have it."""

    name: str
    models: tuple[str, ...]


class Removal(Result, frozen=True):
    """What removing a model took, or would take, off the disk. ``removed`` are its files; of those in
    ``kept`` other models have the bytes.
    """

    model: str
    dry_run: bool
    freed_bytes: int
    removed: tuple[str, ...]
    kept: tuple[KeptFile, ...] = ()
