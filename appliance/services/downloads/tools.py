"""What a download works with, in one value."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.outbound.switch import Switch
from appliance.services.downloads.ports import (
    Blobs,
    Catalog,
    Disk,
    Fetcher,
    Files,
    Inspector,
    NoPasses,
    Passes,
    Permits,
)


@dataclass(frozen=True, slots=True)
class Way:
    """How files come to this box, as its settings say. ``rate_bytes_s`` 0: as fast as it goes."""

    models_dir: str
    hub: str
    token: str = ""
    """The file that the hub's token is in, or empty."""
    proxy: str = ""
    ca_file: str = ""
    connections: int = 4
    rate_bytes_s: int = 0


@dataclass(frozen=True, slots=True)
class Tools:
    """Parts of the box. ``sleep`` is asyncio's."""

    catalog: Catalog
    permits: Permits
    fetcher: Fetcher
    inspector: Inspector
    blobs: Blobs
    files: Files
    disk: Disk
    way: Way
    clock: Clock
    log: Log
    sleep: Callable[[float], Awaitable[None]]
    switch: Switch = field(default_factory=Switch)
    passes: Passes = NoPasses()  # noqa: RUF009 - has no state
