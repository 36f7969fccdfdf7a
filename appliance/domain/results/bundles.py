"""What actions on bundles answer."""

from appliance.domain.results.base import Result


class BundleCreated(Result, frozen=True):
    """A finished bundle. ``signer`` is the thumbprint of this box's key: whoever gets the bundle compares it.
    ``kept_bytes`` of it were there from an earlier try. ``models`` are ``recipe@form``.
    """

    recipient: str
    signer: str
    size_bytes: int
    kept_bytes: int
    files: int
    models: tuple[str, ...]
    installer: bool


class BundledModelLine(Result, frozen=True):
    """One model that came from a bundle. ``fresh_bytes`` of its files were not on the box before."""

    id: str
    title: str
    forms: tuple[str, ...]
    approved_by: str
    fresh_bytes: int


class BundleInstalled(Result, frozen=True):
    """What is here now, verified and in place."""

    models: tuple[BundledModelLine, ...]


class BundleRecipe(Result, frozen=True):
    """One recipe on a bundle. ``approved_by`` is said by whoever made the bundle. ``acceptance`` is by whom
    its license has to be accepted; ``license_sha256`` is of the text, None where it is not there.
    """

    id: str
    revision: int
    title: str
    forms: tuple[str, ...]
    approved_by: str
    license: str
    redistribution: str
    acceptance: str
    license_sha256: str | None = None
    catalog: str | None = None


class BundleReport(Result, frozen=True):
    """A bundle as it lies there. ``own``: this box signed it. ``read_all``: every file was read, else only
    names and sizes were compared. ``missing``, ``wrong`` and ``extra`` are paths in the bundle. ``new_bytes``
    is what installing all of it would add to this box, None where this user cannot look.
    """

    recipient: str
    version: str
    created_ms: int
    signer: str
    own: bool
    whole: bool
    read_all: bool
    size_bytes: int
    files: int
    recipes: tuple[BundleRecipe, ...]
    missing: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    new_bytes: int | None = None
    installer: str | None = None
    """Which program it carries and for which machines, in words."""
