"""What an operator has to see of leases in ``status``: of models that are on this box."""

from collections.abc import Sequence
from typing import Final, Protocol

from appliance.domain.days import day_text
from appliance.domain.license import Lease
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.services.registries.leases import LeaseBook

_ASK: Final = "`carrel fed lease {}` asks for another one, and `carrel license lease FILE` takes one in."


class Catalog(Protocol):
    """What is approved."""

    @property
    def recipes(self) -> Sequence[Recipe]:
        """Every approved model."""
        ...


class Files(Protocol):
    """Where the files of models lie."""

    def folder_of(self, recipe: Recipe, form: RecipeForm) -> object | None:
        """The folder that holds all files of the form, or None."""
        ...


class LeaseAlarms:
    """A live view."""

    def __init__(self, catalog: Catalog, book: LeaseBook, files: Files) -> None:
        self._catalog = catalog
        self._book = book
        self._files = files

    def __call__(self) -> tuple[str, ...]:
        """A sentence for each model whose lease is not what it should be."""
        return tuple(
            sentence
            for recipe in self._catalog.recipes
            if recipe.terms.lease and (sentence := self._of(recipe))
        )

    def _of(self, recipe: Recipe) -> str:
        lease, counting = self._book.of(recipe.id), self._book.counting(recipe.id)
        if lease is None or counting is None:
            return ""
        if self._book.ends_before(counting):
            return (
                f"The registry's status list has no place for the lease of {recipe.id}. Ask whoever keeps "
                "the registry; until then it is in its days of grace."
            )
        is_here = any(self._files.folder_of(recipe, form) is not None for form in recipe.forms)
        return _words(recipe.id, lease) if is_here or lease.state == "revoked" else ""


def _words(model: str, lease: Lease) -> str:
    match lease.state:
        case "grace" if lease.stale:
            return (
                f"The registry of {model} was not heard for too long: it is served, and nothing new begins "
                "with it. Sync with `carrel fed sync`, or by stick with `carrel fed export`."
            )
        case "grace":
            until = day_text(lease.until_ms)
            return f"The lease of {model} has run out; it is served until {until} (UTC). {_ASK.format(model)}"
        case "lapsed":
            return f"The lease of {model} has lapsed, and it is not served. {_ASK.format(model)}"
        case "suspended":
            return f"The registry has suspended the lease of {model}; it is served again once that is over."
        case "revoked":
            return f"The registry has taken back the lease of {model}. {_ASK.format(model)}"
        case _:
            return ""
