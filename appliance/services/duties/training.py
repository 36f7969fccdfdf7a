"""Training that the box has not counted itself: done elsewhere, and told by an operator."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from appliance.domain.actor import Actor
from appliance.domain.clock import Clock
from appliance.domain.duties import TrainingRecord
from appliance.domain.results import DutyDetail, Result
from appliance.domain.shapes import ModelShapes
from appliance.errors import BadRequest, Conflict, NotFound
from appliance.policy.training_flops import training_gflop
from appliance.services.duties.looking import DutyView
from appliance.services.duties.ports import Recipes
from appliance.services.duties.recording import DutyRecording
from appliance.services.duties.register import DutyRegister
from appliance.services.labels import require_label

_ID_BYTES: Final = 6
_MOST_GFLOP: Final = 2**53


class DutyTraining:
    """Answers ``duty training``, and ``duty withdraw`` of whatever has an id."""

    def __init__(
        self,
        register: DutyRegister,
        recording: DutyRecording,
        view: DutyView,
        recipes: Recipes,
        clock: Clock,
        *,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._register = register
        self._recording = recording
        self._view = view
        self._recipes = recipes
        self._clock = clock
        self._random_bytes = random_bytes

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"duty.training": self.record, "duty.withdraw": self.withdraw}

    async def record(
        self,
        *,
        project: str,
        what: str,
        actor: Actor,
        sequence: int,
        gflop: int | None = None,
        model: str | None = None,
        tokens: int | None = None,
        adapter: int | None = None,
        checkpointing: bool = False,
    ) -> DutyDetail:
        """``duty training``. Raises ``NotFound``, ``ModelNotFound``, ``BadRequest``,
        ``StorageUnavailable``.
        """
        self._view.require(project)
        if (gflop is None) == (model is None) or (model is None) != (tokens is None):
            raise BadRequest("Say either `--gflop N`, or `--model M` and `--tokens N`.", param="gflop")
        if gflop is None:
            gflop = training_gflop(
                self._shapes(model or ""),
                tokens=tokens or 0,
                sequence_tokens=sequence,
                adapter_weights=adapter,
                checkpointing=checkpointing,
            )
        if gflop > _MOST_GFLOP:
            raise BadRequest("That is more than a record holds; divide it.", param="tokens")
        await self._register.train(
            TrainingRecord(
                id=f"trn_{self._random_bytes(_ID_BYTES).hex()}",
                project_id=project,
                gflop=gflop,
                what=require_label(what, "what"),
                recorded_by=actor.known_as,
                recorded_ms=self._clock.now_ms(),
            )
        )
        return await self._view.show(project=project)

    async def withdraw(self, *, id: str, reason: str, actor: Actor) -> DutyDetail:
        """``duty withdraw``. Raises ``NotFound``, ``Conflict`` where it was taken back before,
        ``StorageUnavailable``.
        """
        record = self._register.record(id)
        if record is not None:
            return await self._recording.take_back(record, reason, actor)
        training = self._register.training(id)
        if training is None:
            raise NotFound("Nothing has this id; `carrel duty show --project P` tells ids.", param="id")
        if training.withdrawn_ms is not None:
            raise Conflict("It was taken back before.")
        await self._register.untrain(replace(training, withdrawn_ms=self._clock.now_ms()))
        return await self._view.show(project=training.project_id)

    def _shapes(self, model: str) -> ModelShapes:
        recipe, _ = self._recipes.find(model)
        if recipe.shapes is None:
            raise BadRequest(
                f"The recipe of {recipe.id} does not tell its sizes; say `--gflop N` instead.", param="model"
            )
        return recipe.shapes
