"""Which places of an order are asked, and in which order."""

from collections.abc import Callable, Sequence

from appliance.domain.download import SourceDropped
from appliance.domain.recipe import RecipeFile
from appliance.domain.source import WeightSource
from appliance.errors import CarrelError, IntegrityFailed, NotFound

CheckHub = Callable[[WeightSource, RecipeFile], None]


class Sources:
    """Of one order. ``tell`` hears of each that is dropped; ``check_hub`` raises where a hub does not give a
    file to this box.
    """

    def __init__(
        self, sources: Sequence[WeightSource], check_hub: CheckHub, tell: Callable[[SourceDropped], None]
    ) -> None:
        self._sources = {source.label: source for source in sources}
        self._check_hub = check_hub
        self._tell = tell
        self._dropped: set[str] = set()
        self._tired: set[str] = set()
        self._checked: set[str] = set()

    @property
    def labels(self) -> tuple[str, ...]:
        """Of all, in the recipe's order."""
        return tuple(self._sources)

    def in_order(self) -> list[WeightSource]:
        """Those that failed at another file are asked last. Raises ``NotFound`` where there are none at all,
        ``IntegrityFailed`` where all were dropped.
        """
        if not self._sources:
            raise NotFound(
                "The recipe names no place where its files can be had; add a source to it, or put the files "
                "into the model's folder yourself."
            )
        left = [source for label, source in self._sources.items() if label not in self._dropped]
        if not left:
            raise IntegrityFailed(
                "Every source of the recipe serves other bytes than it says, and nothing of them was kept; "
                "tell whoever approved the recipe."
            )
        return sorted(left, key=lambda source: source.label in self._tired)

    def tire(self, source: WeightSource) -> None:
        """It did not bring a file."""
        self._tired.add(source.label)

    def drop(self, label: str, file: RecipeFile) -> None:
        """It served other bytes."""
        if label not in self._dropped:
            self._dropped.add(label)
            self._tell(SourceDropped(label, f"{file.name} from there is not the file of the recipe."))

    def check(self, source: WeightSource, file: RecipeFile) -> None:
        """Ask the hub, once a repository. Raises as ``check_hub``."""
        if source.kind == "hub" and source.label not in self._checked:
            self._check_hub(source, file)
            self._checked.add(source.label)

    def explain(self, source: WeightSource, file: RecipeFile, error: CarrelError) -> CarrelError:
        """What a refusal means: a hub has more words for it than its status."""
        if source.kind != "hub":
            return error
        try:
            self._check_hub(source, file)
        except CarrelError as better:
            return better
        return error
