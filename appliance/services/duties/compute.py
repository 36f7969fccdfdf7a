"""How much each project has computed in its year: summed once from the ledger, then counted by requests."""

from dataclasses import dataclass

from appliance.domain.duties import Compute
from appliance.domain.people import Project
from appliance.domain.recipe import Recipe
from appliance.domain.usage import Meters, Outcome, UsageKind
from appliance.errors import ModelNotFound
from appliance.policy.duties.years import year_start_ms
from appliance.services.admission.gates import Asked
from appliance.services.admission.watching import NOBODY_WATCHES, Watch
from appliance.services.duties.ports import Directory, Recipes, YearUse


@dataclass(slots=True)
class _Year:
    start_ms: int
    inference_gflop: int = 0
    training_gflop: int = 0
    model_gflop: int = 0

    def add(self, gflop: int, kind: UsageKind, model_gflop: int) -> None:
        if kind == "training":
            self.training_gflop += gflop
        else:
            self.inference_gflop += gflop
        if gflop:
            self.model_gflop = max(self.model_gflop, model_gflop)


class ComputeBook:
    """Looks on at every request."""

    def __init__(self, directory: Directory, recipes: Recipes) -> None:
        self._directory = directory
        self._recipes = recipes
        self._years: dict[str, _Year] = {}

    async def load(self, use: YearUse, now_ms: int) -> None:
        """Sum what is on the disk. Before any request is computed."""
        starts = {one.id: year_start_ms(one, now_ms) for one in self._directory.projects()}
        self._years = {name: _Year(start_ms) for name, start_ms in starts.items()}
        for one in await use.sums(starts):
            self._years[one.project_id].add(one.gflop, one.kind, self._trained_with(one.model_id))

    def totals(self, project: Project, now_ms: int) -> Compute:
        """Of the year that goes on."""
        year = self._year(project, now_ms)
        return Compute(year.inference_gflop, year.training_gflop, year.model_gflop)

    def add(self, project_id: str, recipe: Recipe, gflop: int, now_ms: int) -> None:
        """A request ended. A project that is not known is nobody's."""
        project = self._directory.project(project_id)
        if project is not None:
            self._year(project, now_ms).add(gflop, "inference", recipe.training_gflop)

    def watch(self, asked: Asked) -> Watch:
        """Looks on at a request until its meters are told."""
        return _Counting(self, asked)

    def _year(self, project: Project, now_ms: int) -> _Year:
        start_ms = year_start_ms(project, now_ms)
        known = self._years.get(project.id)
        if known is None or known.start_ms < start_ms:
            known = self._years[project.id] = _Year(start_ms)
        return known

    def _trained_with(self, model_id: str) -> int:
        try:
            return self._recipes.find(model_id)[0].training_gflop
        except ModelNotFound:
            # It has left the catalog; what it was nobody here can say.
            return 0


class _Counting:
    def __init__(self, book: ComputeBook, asked: Asked) -> None:
        self._book = book
        self._asked = asked
        self.accepted = NOBODY_WATCHES.accepted
        self.hear = NOBODY_WATCHES.hear

    def ended(self, outcome: Outcome, meters: Meters) -> None:  # noqa: ARG002 - the port's shape
        """Whatever the outcome: what was computed was computed."""
        asked = self._asked
        self._book.add(asked.caller.project_id, asked.recipe, meters.gflop, asked.now_ms)
