"""What actions on signed catalogs answer."""

from appliance.domain.results.base import Result


class CatalogRole(Result, frozen=True):
    """One signed list. ``freshness`` is ``fresh``, ``stale`` or ``unverifiable``. ``expires_ms`` is in ms
    since 1970 UTC; None where it cannot be verified.
    """

    role: str
    version: int
    expires_ms: int | None
    freshness: str


class CatalogRecipe(Result, frozen=True):
    """A recipe that counts. ``signed_by`` is the organization, or ``targets`` for the catalog itself."""

    id: str
    revision: int
    signed_by: str
    freshness: str


class CatalogFault(Result, frozen=True):
    """Something in a catalog that does not count."""

    what: str
    reason: str


class CatalogSummary(Result, frozen=True):
    """One catalog that the box trusts. ``reason`` is empty where nothing is wrong."""

    name: str
    place: str
    prefix: str
    freshness: str
    reason: str
    roles: tuple[CatalogRole, ...]
    recipes: tuple[CatalogRecipe, ...]
    left_out: tuple[CatalogFault, ...]


class CatalogList(Result, frozen=True):
    """All of them, in the order in which they go before each other."""

    catalogs: tuple[CatalogSummary, ...]


class CatalogRefresh(Result, frozen=True):
    """What a refresh of one did. ``outcome`` is ``refreshed``, ``offline`` or ``refused``; recipes are told
    as ``id revision``.
    """

    name: str
    outcome: str
    reason: str
    came: tuple[str, ...]
    went: tuple[str, ...]
    changed: tuple[str, ...]


class CatalogsRefreshed(Result, frozen=True):
    """Of all that were asked for."""

    catalogs: tuple[CatalogRefresh, ...]


class CatalogTrusted(Result, frozen=True):
    """A catalog that is trusted from now on. ``root_sha256`` is to be compared with whoever keeps it."""

    name: str
    place: str
    root_sha256: str
    root_version: int
    root_expires_ms: int


class CatalogDistrusted(Result, frozen=True):
    """A catalog that is trusted no more."""

    name: str


class CatalogFounded(Result, frozen=True):
    """A new folder. ``give`` is the file that others are given: a root for boxes, or an organization's
    public key for the catalog.
    """

    folder: str
    organization: str
    give: str
    give_sha256: str


class CatalogListed(Result, frozen=True):
    """``recipes`` as ``id revision``: what was listed, or is no more."""

    organization: str
    recipes: tuple[str, ...]


class CatalogDelegated(Result, frozen=True):
    """Whether the organization signs from now on."""

    name: str
    signs: bool


class CatalogSigned(Result, frozen=True):
    """``role`` is now good until ``expires_ms``."""

    role: str
    version: int
    expires_ms: int
    rotated: bool


class CatalogPublished(Result, frozen=True):
    """``files`` were new there."""

    to: str
    files: int
