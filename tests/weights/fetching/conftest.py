"""A hub of this machine, and orders carried out in this process."""

import random
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from appliance.domain.download import FetchEvent, FetchOrder, FetchProgress, SourceDropped
from appliance.domain.recipe import RecipeFile
from appliance.domain.source import WeightSource
from appliance.outbound.ranged.connecting import Dialer
from appliance.weights.blobs import BlobStore
from appliance.weights.fetching.order import Fetch, Surroundings
from appliance.weights.fetching.patience import Patience
from appliance.weights.fetching.reserving import allocate
from appliance.weights.fetching.sources import CheckHub
from scripts.local_hub import LocalHub

REPOSITORY = "lab/tiny"
SIZE = 9 * 2**20 + 12_345
"""Over several blocks and pieces, and no multiple of anything."""
UNTRUSTING = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Knows no certificate, and is made at once."""
HASTY = Patience(tries=3, first_s=0.001, longest_s=0.002, chance=lambda: 1.0)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hub")
    place = folder / REPOSITORY
    (place / "parts").mkdir(parents=True)
    (place / "model.gguf").write_bytes(random.Random(7).randbytes(SIZE))
    (place / "parts" / "second.gguf").write_bytes(random.Random(8).randbytes(70_001))
    (place / "config.json").write_text('{"layers": 2}')
    return folder


@pytest.fixture
def hub(shelf: Path) -> Iterator[LocalHub]:
    with LocalHub(shelf) as hub:
        yield hub


@pytest.fixture
def other_bytes(shelf: Path) -> Path:
    """Of the same size as the model."""
    place = shelf / "other"
    place.write_bytes(random.Random(9).randbytes(SIZE))
    return place


@dataclass
class Desk:
    """Orders files of a hub into a folder."""

    hub: LocalHub
    models_dir: Path
    events: list[FetchEvent] = field(default_factory=list)
    patience: Patience = HASTY
    dialer: Dialer = field(default_factory=lambda: Dialer(UNTRUSTING, silence_s=5.0))
    check_hub: CheckHub = lambda _source, _file: None
    token: str = ""
    connections: int = 1
    rate_bytes_s: int = 0
    allocate: Callable[[int, int], None] = allocate

    def file(self, path: str = "model.gguf") -> RecipeFile:
        found = self.hub.file(REPOSITORY, path)
        return RecipeFile(path.rsplit("/", 1)[-1], found.size, found.sha256, path)

    @property
    def at_hub(self) -> WeightSource:
        return WeightSource("hub", repository=REPOSITORY, commit=self.hub.commit(REPOSITORY))

    @property
    def at_mirror(self) -> WeightSource:
        return WeightSource("mirror", address=f"{self.hub.address}/mirror")

    @property
    def at_server(self) -> WeightSource:
        return WeightSource("https", address=f"{self.hub.address}/files/{REPOSITORY}")

    @property
    def store(self) -> BlobStore:
        return BlobStore(self.models_dir)

    def order(self, *sources: WeightSource, paths: tuple[str, ...] = ("model.gguf",)) -> FetchOrder:
        return FetchOrder(
            files=tuple(self.file(path) for path in paths),
            sources=sources or (self.at_hub,),
            models_dir=str(self.models_dir),
            hub=self.hub.address,
            connections=self.connections,
            rate_bytes_s=self.rate_bytes_s,
        )

    def fetch(self, *sources: WeightSource, paths: tuple[str, ...] = ("model.gguf",)) -> None:
        self.carry_out(self.order(*sources, paths=paths))

    def carry_out(self, order: FetchOrder) -> None:
        around = Surroundings(self.dialer, self.check_hub, self.token, self.patience, self.allocate)
        Fetch(order, around, self.events.append).run()

    def has(self, path: str = "model.gguf") -> bool:
        """Whether exactly these bytes are in the store, and nothing is left over."""
        file = self.file(path)
        return (
            self.store.has(file)
            and self.store.blob(file.sha256).read_bytes()
            == self.hub.file(REPOSITORY, path).place.read_bytes()
            and not list((self.models_dir / ".incoming").iterdir())
        )

    @property
    def last(self) -> FetchProgress:
        return [event for event in self.events if isinstance(event, FetchProgress)][-1]

    @property
    def dropped(self) -> list[str]:
        return [event.source for event in self.events if isinstance(event, SourceDropped)]


@pytest.fixture
def desk(hub: LocalHub, tmp_path: Path) -> Desk:
    return Desk(hub, tmp_path)
