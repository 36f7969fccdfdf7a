"""Models of this box that something stands against. Screens ask each second, so the disk is looked at now and
then.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.model import ModelState
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.services.models.permitting import Permitting

DISK_EVERY_S: Final = 5.0
_UNWELL: Final = frozenset({ModelState.FAILED, ModelState.RESTARTING})


@dataclass(frozen=True, slots=True)
class TroubledModel:
    """``state`` is ``available`` for one that does not run. ``lacks`` is what of its license is missing
    before it is loaded, ``damaged`` what was wrong with its files; None: nothing.
    """

    id: str
    state: ModelState
    reason: str | None
    lacks: str | None
    damaged: str | None


@dataclass(frozen=True, slots=True)
class _OnDisk:
    here: bool
    damaged: str | None


class Troubled:
    """A live view. ``is_here`` and ``trouble_of`` tell of the files of a form."""

    def __init__(
        self,
        permitting: Permitting,
        *,
        is_here: Callable[[Recipe, RecipeForm], bool],
        trouble_of: Callable[[Recipe, RecipeForm], str | None],
        clock: Clock,
    ) -> None:
        self._permitting = permitting
        self._is_here = is_here
        self._trouble_of = trouble_of
        self._clock = clock
        self._seen: dict[tuple[str, int], _OnDisk] = {}
        self._seen_s = float("-inf")

    def __call__(self) -> Iterator[TroubledModel]:
        """Of those that run or are on the disk."""
        names, now_s = self._permitting.names, self._clock.monotonic_s()
        if now_s - self._seen_s >= DISK_EVERY_S:
            self._seen, self._seen_s = {}, now_s
        for recipe, form in names.every():
            name = recipe.model_id(form)
            running = names.running.get(name)
            lacks, disk = self._permitting.lacks(recipe), self._on_disk(name, recipe, form)
            unwell = running is not None and running.state in _UNWELL
            if unwell or ((lacks or disk.damaged) and (disk.here or running is not None)):
                state = ModelState.AVAILABLE if running is None else running.state
                reason = None if running is None else running.reason
                yield TroubledModel(name, state, reason, lacks, disk.damaged)

    def _on_disk(self, name: str, recipe: Recipe, form: RecipeForm) -> _OnDisk:
        known = (name, recipe.revision)
        if known not in self._seen:
            here = self._is_here(recipe, form)
            self._seen[known] = _OnDisk(here, self._trouble_of(recipe, form) if here else None)
        return self._seen[known]
