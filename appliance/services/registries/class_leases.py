"""Whether a class keeps the models that it needs: said when it is opened, not in its last week."""

from collections.abc import Sequence
from typing import Protocol

from appliance.domain.access import Grant
from appliance.domain.days import day_text
from appliance.domain.people import Project
from appliance.domain.recipe import Recipe, RecipeForm


class Catalog(Protocol):
    """What is approved."""

    @property
    def recipes(self) -> Sequence[Recipe]:
        """Every approved model."""
        ...


class Leases(Protocol):
    """The registry's permissions."""

    def ends_ms(self, model: str) -> int | None:
        """When the last of a model's leases lapses, days of grace included; None where there is none."""
        ...


class Grants(Protocol):
    """What projects were granted."""

    def of(self, project: str, model: str, tier: str) -> Sequence[Grant]:
        """A project's that are for this model."""
        ...


class Files(Protocol):
    """Where the files of models lie."""

    def folder_of(self, recipe: Recipe, form: RecipeForm) -> object | None:
        """The folder that holds all files of the form, or None."""
        ...


class ClassLeases:
    """Looks at models that are on this box, or that were granted to the class."""

    def __init__(self, catalog: Catalog, leases: Leases, grants: Grants, files: Files) -> None:
        self._catalog = catalog
        self._leases = leases
        self._grants = grants
        self._files = files

    def warnings(self, project: Project) -> tuple[str, ...]:
        """A sentence for each model whose lease lapses before the class ends."""
        over_ms = project.ends_ms
        if project.kind != "course" or over_ms is None:
            return ()
        return tuple(
            _words(recipe.id, project, ends_ms, over_ms)
            for recipe in self._catalog.recipes
            if recipe.terms.lease and self._needs(project, recipe)
            for ends_ms in [self._leases.ends_ms(recipe.id)]
            if ends_ms is None or ends_ms < over_ms
        )

    def _needs(self, project: Project, recipe: Recipe) -> bool:
        granted = self._grants.of(project.id, recipe.id, recipe.tier)
        return bool(granted) or any(self._files.folder_of(recipe, one) is not None for one in recipe.forms)


def _words(model: str, project: Project, ends_ms: int | None, over_ms: int) -> str:
    last = day_text(over_ms - 1)
    lease = f"This box has no lease of {model}"
    if ends_ms is not None:
        lease = f"The lease of {model} lapses on {day_text(ends_ms)} (UTC), days of grace included"
    return (
        f"{lease}, and the class {project.id} goes on until {last}. `carrel fed lease {model} --until {last} "
        f"--project {project.id}` asks the registry for one that lasts."
    )
