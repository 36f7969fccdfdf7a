"""A source in memory, and files that say what a test wants."""

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from appliance.catalog.drafting.completing import Completer
from appliance.catalog.drafting.composing import Composer
from appliance.domain.inspection import Inspection
from appliance.domain.listing import ListedFile
from appliance.domain.recipe import MemoryFacts
from appliance.domain.shapes import ModelShapes
from appliance.domain.source import WeightSource

SHAPES = ModelShapes(
    matrix_weights=1000, layers=2, heads=4, key_size=16, value_size=16, width=64, vocabulary=300
)
COMMIT = "a" * 40
PLACE = WeightSource("hub", repository="lab/Tiny-GGUF", commit=COMMIT)
FOLDER = ("config.json", "tokenizer.json", "model.safetensors")


@dataclass
class FakeSource:
    contents: dict[str, bytes]
    name: str = "Tiny-GGUF"
    place: WeightSource = PLACE
    hashed: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, *paths: str, **more: object) -> "FakeSource":
        return cls({path: path.encode() for path in paths}, **more)

    def files(self) -> Sequence[ListedFile]:
        return [ListedFile(path, len(content)) for path, content in self.contents.items()]

    def sha256(self, file: ListedFile) -> str:
        self.hashed.append(file.path)
        return sha256(self.contents[file.path]).hexdigest()

    def whole(self, file: ListedFile, most_bytes: int) -> bytes:
        return self.contents[file.path][:most_bytes]

    @contextmanager
    def laid_out(self, files: Sequence[ListedFile]):
        yield {one.name: Path("/somewhere") / one.path for one in files}


@dataclass
class Drafting:
    """``says`` is what files say, by the name of the last one."""

    says: dict[str, Inspection] = field(default_factory=dict)
    looked: list[tuple[tuple[str, ...], str, str]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    hub: dict[str, FakeSource] = field(default_factory=dict)

    def inspect(self, files: Mapping[str, Path], *, engine: str, pooling: str) -> Inspection:
        self.looked.append((tuple(files), engine, pooling))
        usual = Inspection(name="Tiny", context_tokens=512, shapes=SHAPES)
        return self.says.get(list(files)[-1], usual)

    def remember(self, shapes: ModelShapes, size_bytes: int, precision: str) -> MemoryFacts:
        return MemoryFacts(size_bytes or 1, 16, shapes.layers, shapes.width, shapes.vocabulary, 1000)

    @property
    def composer(self) -> Composer:
        return Composer(self.inspect, self.remember, self.told.append)

    @property
    def completer(self) -> Completer:
        return Completer(self.composer, lambda one: self.hub[one.repository])
