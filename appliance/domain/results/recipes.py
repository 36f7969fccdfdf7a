"""What actions on recipes answer."""

from appliance.domain.results.base import Result


class RecipeLine(Result, frozen=True):
    """One recipe. ``state`` is ``approved``, ``draft``, ``stale``, ``unverifiable`` or ``left out``.

    ``approved_by`` is a sentence for people, ``who`` approved it for this lab. ``reason`` says why
    it is left out, and then ``revision`` is 0.
    """

    id: str
    revision: int
    title: str
    state: str
    approved_by: str
    who: str | None = None
    draft: bool = False
    reason: str | None = None


class RecipeList(Result, frozen=True):
    """All of them, by id; what is left out comes last."""

    recipes: tuple[RecipeLine, ...]


class RecipeApproved(Result, frozen=True):
    """``sha256`` is of the TOML. ``in_use``: the box that runs has it already; False where none runs."""

    id: str
    revision: int
    sha256: str
    approved_by: str
    who: str
    in_use: bool


class RecipeWithdrawn(Result, frozen=True):
    """``in_use`` as in ``RecipeApproved``; ``kept`` is where the recipe lies now."""

    id: str
    in_use: bool
    kept: str


class RecipeWritten(Result, frozen=True):
    """``toml`` is the whole file. ``missing`` says what somebody has to fill in before it can be approved."""

    id: str
    toml: str
    draft: bool
    missing: tuple[str, ...]
    notes: tuple[str, ...] = ()


class RecipeSchema(Result, frozen=True):
    """``text`` is the JSON schema that recipes keep to, as a file holds it."""

    text: str
