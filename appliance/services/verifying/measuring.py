"""Measures what each form of a model costs in faithfulness: one form after another reads the same text, the
fullest first, and the others are compared with it.

A form that does not run is started for its turn and stopped after it, so that no two need memory at once, and
no model is stopped for it: one that finds no room is told so in its line.
"""

from dataclasses import dataclass
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.fidelity import FidelityRecord, FidelitySubject
from appliance.domain.model import ModelIdentity
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.results import Fidelity, FormFidelity
from appliance.domain.running import RunWishes
from appliance.errors import CarrelError, Conflict
from appliance.policy.fidelity import Scores, by_fullness, distance, measures_of, passages
from appliance.services.verifying.files import Tell
from appliance.services.verifying.ports import Models, Records
from appliance.services.verifying.presenting import line_of, line_without
from appliance.services.verifying.prose import Prose
from appliance.services.verifying.reading import Reader

WINDOW_TOKENS: Final = 512
"""Longest passage, where the model's context is not shorter."""
_PASSAGE_BYTES: Final = 1600
"""About 400 tokens of English in a large vocabulary."""


@dataclass(frozen=True, slots=True)
class _Reference:
    """The form that the others are compared with."""

    form: str
    scores: Scores


@dataclass(frozen=True, slots=True)
class _Reading:
    """One form's scores, who made them and how long that took."""

    identity: ModelIdentity
    scores: Scores
    seconds: float


class Measuring:
    """Of all forms of one recipe."""

    def __init__(
        self, *, models: Models, reader: Reader, records: Records, clock: Clock, prose: Prose, tell: Tell
    ) -> None:
        self._models = models
        self._reader = reader
        self._records = records
        self._clock = clock
        self._prose = prose
        self._tell = tell

    async def measure(self, recipe: Recipe, forms: list[RecipeForm]) -> Fidelity:
        """A line a form, the fullest first. What keeps a form from being measured stands in its line.

        Raises ``StorageUnavailable`` where nothing can be kept.
        """
        window = min(WINDOW_TOKENS, recipe.context_tokens)
        ordered = by_fullness(forms)
        reference: _Reference | None = None
        lines: list[FormFidelity] = []
        for form in ordered:
            try:
                reading = await self._read(recipe, form, window)
                reference = reference or _Reference(form.name, reading.scores)
                record = self._record(recipe, form, reading, reference, window)
            except CarrelError as error:
                lines.append(line_without(recipe, form, reference.form if reference else "", error.message))
                continue
            await self._records.keep(record)
            lines.append(line_of(recipe, form, record))
        return Fidelity(text_sha256=self._prose.sha256, window_tokens=window, forms=tuple(lines))

    async def _read(self, recipe: Recipe, form: RecipeForm, window: int) -> _Reading:
        name = recipe.model_id(form)
        self._tell(f"{name}: starting")
        async with self._models.lend(name, RunWishes(replicas=1, seats=1, context_tokens=window)) as model:
            if model.context_tokens < window:
                raise Conflict(
                    f"{name} runs with a context of {model.context_tokens} tokens, and the text is read in "
                    f"passages of up to {window}. Stop it, then measure again."
                )
            pieces = list(passages(self._prose.text, _PASSAGE_BYTES))
            tokens = await self._reader.tokens_of(model, pieces, window)
            began_s = self._clock.monotonic_s()
            scores = await self._reader.read(
                model, tokens, lambda part: self._tell(f"{name}: {part:.0%} of the text read")
            )
            return _Reading(model.identity, scores, self._clock.monotonic_s() - began_s)

    def _record(
        self, recipe: Recipe, form: RecipeForm, reading: _Reading, reference: _Reference, window: int
    ) -> FidelityRecord:
        if reading.scores.passages != reference.scores.passages:
            raise Conflict(
                f"It cuts the text into other tokens than the form {reference.form} does, so the two "
                "cannot be compared."
            )
        return FidelityRecord(
            subject=FidelitySubject(
                recipe_id=recipe.id,
                recipe_revision=recipe.revision,
                form=form.name,
                files_sha256=form.sha256,
                engine_build=reading.identity.engine_build,
                text_sha256=self._prose.sha256,
            ),
            reference=reference.form,
            reference_perplexity=measures_of(reference.scores).perplexity,
            measures=measures_of(reading.scores),
            distance=distance(reading.scores, reference.scores),
            window_tokens=window,
            seconds=reading.seconds,
            measured_ms=self._clock.now_ms(),
        )
