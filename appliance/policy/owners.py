"""To whom a model's use is told: whoever signs for it, else whoever publishes it. Pure."""

from typing import Final

from appliance.domain.recipe import Recipe

RELEASE: Final = "release"
LAB: Final = "lab"


def owner_of(recipe: Recipe) -> str:
    """``org/NAME`` of an organization's catalog, ``host/NAME`` of a model hosted elsewhere, the first part of
    the repository that the files come from, else who approved it: ``release`` or ``lab``.
    """
    approval = recipe.approval
    if approval.by == "catalog" and approval.role not in {"", "targets"}:
        return f"org/{approval.role}"
    if recipe.upstream is not None:
        return f"host/{recipe.upstream.name}"
    for form in recipe.forms:
        for source in form.sources:
            if "/" in source.repository:
                return source.repository.partition("/")[0]
    return LAB if approval.by == "lab" else RELEASE
