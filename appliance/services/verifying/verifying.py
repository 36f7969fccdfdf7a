"""``model verify``: looks at files and has forms measured. One at a time measures."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext

from appliance.domain.clock import Clock
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.results import Fidelity, Result, Verification
from appliance.errors import BadRequest, Conflict, ModelNotFound
from appliance.services.verifying.files import FileChecks, Tell
from appliance.services.verifying.measuring import Measuring
from appliance.services.verifying.ports import Catalog, Files, Models, Queue, ReadShapes, Records
from appliance.services.verifying.prose import Prose
from appliance.services.verifying.reading import Reader
from appliance.services.verifying.tasks import Tasks


class VerifyingService:
    """``tasks`` is where others see how far it is."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        files: Files,
        read_shapes: ReadShapes,
        models: Models,
        queue: Queue,
        records: Records,
        prose: Prose,
        clock: Clock,
        tasks: Tasks,
    ) -> None:
        self._catalog = catalog
        self._files = files
        self._read_shapes = read_shapes
        self._models = models
        self._reader = Reader(queue)
        self._records = records
        self._prose = prose
        self._clock = clock
        self._tasks = tasks
        self._measures = False

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"model.verify": self.verify}

    async def verify(self, *, model: str, all_forms: bool, fidelity: bool) -> Verification:
        """``model verify``. Raises ``ModelNotFound`` for a draft, which has no files; ``BadRequest`` and
        ``Conflict`` where nothing can be measured, or somebody measures already.
        """
        recipe, form = self._catalog.find(model)
        if recipe.draft:
            raise ModelNotFound(
                f"{recipe.id} is a draft: its files are not known, so there is nothing to check."
            )
        if recipe.upstream is not None:
            raise BadRequest(f"{recipe.id} is hosted elsewhere: nothing of it is on this box to check.")
        if fidelity and recipe.pooling:
            raise BadRequest(f"{recipe.id} makes vectors; fidelity is measured of models that generate.")
        forms = self._forms_here(recipe) if all_forms or fidelity else []
        with self._alone() if fidelity else nullcontext(), self._tasks.begin() as tell:
            checks = FileChecks(self._files, self._read_shapes, tell)
            found = [await checks.check(recipe, one) for one in forms or [form]]
            measured = await self._measure(recipe, forms, tell) if fidelity else None
        return Verification(
            model=recipe.id if forms else f"{recipe.id}@{form.name}",
            ok=all(one.ok for one in found),
            forms=tuple(found),
            fidelity=measured,
        )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._measures:
            raise Conflict(
                "A model's fidelity is being measured already; `carrel status` says how far it is."
            )
        self._measures = True
        try:
            yield
        finally:
            self._measures = False

    def _forms_here(self, recipe: Recipe) -> list[RecipeForm]:
        """Those of which there is any file."""
        return [form for form in recipe.forms if form.files and self._files.nearest(recipe, form)]

    async def _measure(self, recipe: Recipe, forms: list[RecipeForm], tell: Tell) -> Fidelity:
        whole = [form for form in forms if self._files.folder_of(recipe, form) is not None]
        measuring = Measuring(
            models=self._models,
            reader=self._reader,
            records=self._records,
            clock=self._clock,
            prose=self._prose,
            tell=tell,
        )
        return await measuring.measure(recipe, whole)
