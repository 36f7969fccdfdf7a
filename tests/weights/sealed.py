"""A book of seals in memory, and a clock that stands still."""

from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.domain.verification import FileSeal
from appliance.weights.seals import DAY_MS, Sealing


@dataclass
class FakeSeals:
    kept: dict[tuple[str, str], FileSeal] = field(default_factory=dict)
    now_ms: int = 1_790_000_000_000

    def of(self, recipe_id: str, name: str) -> FileSeal | None:
        return self.kept.get((recipe_id, name))

    def keep(self, seal: FileSeal) -> None:
        self.kept[seal.recipe_id, seal.name] = seal

    def days_pass(self, days: float) -> None:
        self.now_ms += int(days * DAY_MS)

    def change(self, change: Callable[[FileSeal], FileSeal]) -> None:
        self.kept = {key: change(seal) for key, seal in self.kept.items()}

    def sealing(self, rehash_days: int = 7) -> Sealing:
        return Sealing(self, lambda: self.now_ms, rehash_days, spared_from_bytes=1024)
