"""Models that are hosted elsewhere, among those of the box: whether they may be used, started, and shown.

They take nothing of the machine: no place is looked for, nothing is stopped for them, nothing is measured.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from appliance.domain.recipe import Recipe
from appliance.domain.results import UpstreamStatus
from appliance.domain.running import RunWishes
from appliance.domain.shapes import ModelShapes
from appliance.domain.upstream import ENGINE
from appliance.errors import BadRequest, CarrelError, ModelNotRunning, NotFound, Offline
from appliance.outbound.switch import Switch
from appliance.services.models.ports import ProcessFactory, Weights
from appliance.services.models.running import RunningModel
from appliance.services.models.specification import ReplicaOrder, engine_spec, orders


@dataclass(frozen=True, slots=True)
class Switches:
    """What decides, as it is at the moment at which it is asked. All three have to agree. ``exam`` is why
    such models are off for an exam, in a few words; empty while there is none.
    """

    upstreams: bool = False
    switch: Switch = field(default_factory=Switch)
    exam: Callable[[], str] = str

    def objection(self, model: str) -> CarrelError | None:
        """Why such a model is not used, with the next step; None where it is."""
        if self.switch.offline:
            return Offline(
                f"{model} is hosted elsewhere, and this box is offline (`carrel offline show` says why). "
                "Choose a model that runs here."
            )
        if exam := self.exam():
            return ModelNotRunning(
                f"{model} is hosted elsewhere, and this box is in an exam ({exam}). "
                "Choose a model that runs here."
            )
        if not self.upstreams:
            return ModelNotRunning(
                f"{model} is hosted elsewhere, and this box uses no such models. Its operator may allow "
                "them: `carrel config set upstreams true`, then restart the box."
            )
        return None


def _no_factory(_recipe: Recipe) -> ProcessFactory:
    raise NotFound("This box has no way to models elsewhere.")


def _no_key(_name: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """``factory`` makes what stands in for the processes of one model. The counts are by model."""

    switches: Switches = Switches()
    factory: Callable[[Recipe], ProcessFactory] = _no_factory
    has_key: Callable[[str], bool] = _no_key
    answers: Mapping[str, int] = field(default_factory=Counter)
    alarms: Mapping[str, int] = field(default_factory=Counter)
    unreported: Mapping[str, int] = field(default_factory=Counter)

    def check(self, recipe: Recipe, wishes: RunWishes | None = None) -> None:
        """Raises ``Offline`` or ``ModelNotRunning`` where it is elsewhere and that is not allowed, and
        ``BadRequest`` for wishes that its host cannot be told.
        """
        if recipe.upstream is None:
            return
        if (objection := self.switches.objection(recipe.id)) is not None:
            raise objection
        if wishes and (wishes.replicas is not None or wishes.gpus is not None or wishes.deterministic):
            raise BadRequest(f"{recipe.id} is hosted elsewhere: only `seats` and `context` can be chosen.")

    def why_not(self, engine: str) -> str | None:
        """Why models of that engine are off, as lists show it; None where they are not."""
        objection = self.switches.objection("It") if engine == ENGINE else None
        return objection.message if objection else None

    async def launch(self, model: RunningModel, folder: Path, weights: Weights) -> None:
        """Return when its host was asked. Raises what ``RunningModel.start`` raises."""
        spec = engine_spec(model.recipe, model.form, folder, model.wishes, threads=1, gpu_layers=0)

        async def place(_shapes: ModelShapes) -> tuple[ReplicaOrder, ...]:
            return orders(spec, model.wishes, ())

        await model.start(
            weights=weights, folder=folder, spec=spec, factory=self.factory(model.recipe), place=place
        )

    def status(self, recipe: Recipe) -> UpstreamStatus | None:
        """What an operator is shown of its host; never the key."""
        there = recipe.upstream
        if there is None:
            return None
        objection = self.switches.objection(recipe.id)
        return UpstreamStatus(
            host=there.host,
            address=there.address,
            model=there.model,
            key=there.key or None,
            key_stored=bool(there.key) and self.has_key(there.key),
            features=tuple(sorted(there.features)),
            prompt_micro=there.price.prompt,
            cached_micro=there.price.cached,
            completion_micro=there.price.completion,
            counted="tokenizer" if recipe.forms[0].files else "estimate",
            answers=self.answers.get(recipe.id, 0),
            alarms=self.alarms.get(recipe.id, 0),
            unreported=self.unreported.get(recipe.id, 0),
            off=objection.message if objection else None,
        )
