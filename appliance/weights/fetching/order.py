"""Carries out one order: file after file until all are in the blob store."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from appliance.domain.download import Fetched, FetchEvent, FetchOrder
from appliance.domain.recipe import RecipeFile
from appliance.errors import StorageUnavailable
from appliance.outbound.ranged.connecting import Dialer
from appliance.weights.blobs import BlobStore
from appliance.weights.fetching.bringing import Means
from appliance.weights.fetching.meter import Meter
from appliance.weights.fetching.one_file import OneFile, Place
from appliance.weights.fetching.pace import Pace
from appliance.weights.fetching.part import journal_of, open_part
from appliance.weights.fetching.patience import Patience
from appliance.weights.fetching.reserving import FULL, Allocate, allocate, no_room, reserve
from appliance.weights.fetching.sources import CheckHub, Sources


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an order is carried out with."""

    dialer: Dialer
    check_hub: CheckHub
    token: str = ""
    patience: Patience = field(default_factory=Patience)
    allocate: Allocate = allocate
    clock: Callable[[], float] = time.monotonic


class Fetch:
    """One order. ``run`` blocks; its errors are those beside ``FetchEvent``."""

    def __init__(self, order: FetchOrder, around: Surroundings, tell: Callable[[FetchEvent], None]) -> None:
        self._order = order
        self._allocate = around.allocate
        self._tell = tell
        self._store = BlobStore(Path(order.models_dir))
        self._meter = Meter(tell, around.clock)
        self._sources = Sources(order.sources, around.check_hub, tell)
        self._place = Place(order.hub, around.token, {one.address: one.token for one in order.passes})
        self._means = Means(
            dialer=around.dialer,
            pace=Pace(order.rate_bytes_s, around.clock),
            patience=around.patience,
            connections=order.connections,
            count=self._meter.came,
        )

    def run(self) -> None:
        """Bring every file; those that are there already count as verified."""
        try:
            self._store.prepare()
            missing = self._missing()
            reserve(self._store, missing, self._allocate)
            for file in missing:
                self._fetch(file)
        except OSError as error:
            raise self._refused(error) from error
        self._tell(Fetched())

    def _missing(self) -> list[RecipeFile]:
        different = {file.sha256: file for file in self._order.files}
        missing = [file for file in different.values() if not self._store.has(file)]
        total_bytes = sum(file.size_bytes for file in self._order.files)
        self._meter.start(total_bytes - sum(file.size_bytes for file in missing))
        return missing

    def _fetch(self, file: RecipeFile) -> None:
        place = self._store.part(file.sha256)
        with open_part(place, file.size_bytes) as part:
            OneFile(
                file, part, sources=self._sources, means=self._means, meter=self._meter, place=self._place
            ).bring()
            self._store.adopt(file)
            journal_of(place).unlink(missing_ok=True)
        self._meter.finished(file.size_bytes)

    def _refused(self, error: OSError) -> StorageUnavailable:
        if error.errno in FULL:
            return no_room(self._store, [file for file in self._order.files if not self._store.has(file)])
        return StorageUnavailable(
            f"The disk of the models cannot be used ({error.strerror}); `carrel doctor` says more of it."
        )
