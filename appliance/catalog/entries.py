"""What the sources of a catalog bring: recipes, each with the bytes that it was read from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from appliance.catalog.toml_shape import RecipeToml
from appliance.domain.approval import Approval, LeftOut
from appliance.domain.recipe import Recipe
from appliance.domain.sharing import ACCESS_KEY


@dataclass(frozen=True, slots=True)
class Entry:
    """One recipe. ``recipe.approval`` says by whom; ``toml`` is what was approved."""

    recipe: Recipe
    toml: bytes


@dataclass(frozen=True, slots=True)
class SignedEntry:
    """One recipe as a signed catalog lists it, verified."""

    recipe_toml: bytes
    approval: Approval


class SignedCatalogs(Protocol):
    """The catalogs that this box trusts, as they were verified last. Asks nobody."""

    def entries(self) -> Sequence[SignedEntry]:
        """Every recipe of every catalog, in the order in which catalogs go before each other."""
        ...

    def left_out(self) -> Sequence[LeftOut]:
        """What of them did not count when they were read last."""
        ...


class NoCatalogs:
    """A box that trusts no catalog."""

    def entries(self) -> Sequence[SignedEntry]:
        """None."""
        return ()

    def left_out(self) -> Sequence[LeftOut]:
        """Nothing."""
        return ()


def entry(raw: bytes, recipe: RecipeToml, approval: Approval) -> Entry:
    """``recipe`` is what ``raw`` says."""
    value = replace(recipe.value(), approval=approval)
    if approval.by == "catalog" and value.upstream is not None:
        # Never the name that somebody else wrote: the box would send any of its secrets to any host.
        value = replace(value, upstream=replace(value.upstream, key=ACCESS_KEY + value.id))
    return Entry(value, raw)
