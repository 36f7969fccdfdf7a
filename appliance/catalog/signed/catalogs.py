"""All signed catalogs of a box: read anew each time from what was fetched, and refreshed when somebody asks.

python-tuf is loaded when there is a catalog to read, since it takes a fifth of a second.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.catalog.entries import SignedEntry
from appliance.catalog.signed.names import TOP, RecipeTarget, parse_target
from appliance.catalog.signed.trusting import Mistrusted, Trusted, trusted_catalogs
from appliance.catalog.signed.writing import storing
from appliance.catalog.writing import write_whole
from appliance.domain.approval import Approval, LeftOut
from appliance.domain.catalogs import CatalogState, ListedRecipe, NotListed, RefreshOutcome
from appliance.domain.clock import Clock
from appliance.errors import BadRequest, IntegrityFailed, NotFound, Offline, OutboundFailed
from appliance.outbound.client import Outbound

if TYPE_CHECKING:
    from tuf.ngclient.fetcher import FetcherInterface

    from appliance.catalog.signed.cache import Cache
    from appliance.catalog.signed.reading import Reading


@dataclass(frozen=True, slots=True)
class CatalogFolders:
    """``trusted`` and ``cache`` have a folder a catalog; ``embedded`` is the root of the release, if any."""

    trusted: Path
    cache: Path
    embedded: Path

    @property
    def texts(self) -> Path:
        """License texts that catalogs brought, by hash. They stay when a catalog goes, so that
        what was accepted can be read again.
        """
        return self.cache / ".texts"


class TrustedCatalogs:
    """What ``LiveCatalog`` joins, and what ``catalog show`` and ``catalog refresh`` speak of. Blocking."""

    def __init__(self, folders: CatalogFolders, *, outbound: Outbound, clock: Clock) -> None:
        self._folders = folders
        self._outbound = outbound
        self._clock = clock
        self._last: tuple[Reading, ...] = ()
        self._known: dict[str, str] = {}
        """Ids that were verified once, and by whom: what is lost of them can be told by name."""

    def entries(self) -> Sequence[SignedEntry]:
        """Every recipe that is verified now, in the order of the catalogs' names."""
        self._last = tuple(self._read())
        self._known |= {recipe.id: one.state.name for one in self._last for recipe in one.state.recipes}
        return tuple(entry for one in self._last for entry in _entries(one))

    def left_out(self) -> Sequence[LeftOut]:
        """What of them did not count when they were read last."""
        faults = [(one.state.name, fault) for one in self._last for fault in one.state.left_out]
        return (
            *(
                LeftOut(_id(fault), f"catalog {name}", f"{fault.what}: {fault.reason}.")
                for name, fault in faults
            ),
            *(
                LeftOut(lost, f"catalog {one.state.name}", _alarm(one))
                for one in self._last
                for lost in sorted(self._known)
                if one.state.freshness == "unverifiable" and self._known[lost] == one.state.name
            ),
            *(
                LeftOut(gone, f"catalog {one.state.name}", _withdrawn(gone, one))
                for one in self._last
                for gone in sorted(self._known.keys() - self._listed())
                if one.state.freshness != "unverifiable" and self._known[gone] == one.state.name
            ),
        )

    def _listed(self) -> set[str]:
        """Ids that any of them lists."""
        return {recipe.id for one in self._last for recipe in one.state.recipes}

    def states(self) -> tuple[CatalogState, ...]:
        """How each stands now."""
        return tuple(one.state for one in self._read())

    def on_network(self) -> int:
        """How many of them are fetched over the network."""
        trusted, _ = self._trusted()
        return sum(one.address is not None for one in trusted)

    def registry_keys(self, name: str) -> bytes | None:
        """JSON of the keys with which a registry signs, as its catalog's own list has them now. They count
        also when the list has expired; None for a catalog that is not trusted, cannot be verified or lists
        none.
        """
        trusted, _ = self._trusted()
        return next((self._reading(one).registry_keys for one in trusted if one.name == name), None)

    def snapshot_seen(self, name: str) -> tuple[int, str] | None:
        """Number and SHA-256 of a catalog's snapshot; None for one that is not trusted or not here."""
        from appliance.catalog.signed.snapshots import snapshot_in  # noqa: PLC0415 - loads python-tuf

        trusted, _ = self._trusted()
        return next((snapshot_in(self._cache(one)) for one in trusted if one.name == name), None)

    def alarms(self) -> tuple[str, ...]:
        """Sentences about those that could not be verified when they were read last."""
        return tuple(_alarm(one) for one in self._last if one.state.freshness == "unverifiable")

    def refresh(self, name: str | None = None, mirror: Path | None = None) -> tuple[RefreshOutcome, ...]:
        """Fetch one catalog or all of them, from a folder if one is given. Whatever happens to one is told,
        and keeps no other from it. Not in a thread that has an event loop.

        Raises ``NotFound``, ``BadRequest``, ``StorageUnavailable``, ``ConfigInvalid``.
        """
        return tuple(self._refreshed(one, mirror) for one in self._chosen(name, mirror))

    def _chosen(self, name: str | None, mirror: Path | None) -> list[Trusted]:
        trusted, _ = self._trusted()
        chosen = [one for one in trusted if name in {None, one.name}]
        if name is not None and not chosen:
            raise NotFound("No catalog of that name is trusted; see `carrel catalog show`.", param="name")
        if mirror is not None and len(chosen) > 1:
            raise BadRequest("Several catalogs are trusted: say which one the folder holds.", param="name")
        return chosen

    def _refreshed(self, one: Trusted, mirror: Path | None) -> RefreshOutcome:
        from appliance.catalog.signed.refreshing import refresh_catalog  # noqa: PLC0415 - loads python-tuf

        before = _listed(self._reading(one))
        try:
            with self._fetcher(one, mirror) as fetcher:
                refresh_catalog(one, self._cache(one), fetcher)
        except (Offline, OutboundFailed) as error:
            return RefreshOutcome(one.name, "offline", error.message)
        except IntegrityFailed as error:
            return RefreshOutcome(one.name, "refused", error.message)
        after = self._reading(one)
        self._keep_texts(after.texts)
        return _difference(one.name, before, _listed(after))

    def _fetcher(self, one: Trusted, mirror: Path | None) -> "AbstractContextManager[FetcherInterface]":
        from appliance.catalog.signed.fetching import FolderFetcher, over_network  # noqa: PLC0415 - the same

        folder = mirror or (Path(one.where.folder) if one.where.folder else None)
        if folder is not None:
            return nullcontext(FolderFetcher(folder))
        address = one.address
        if address is None:
            raise Offline(
                f"The catalog {one.name} is at no address; bring it: `carrel catalog refresh {one.name} "
                "--mirror FOLDER`."
            )
        return over_network(self._outbound, address)

    def _keep_texts(self, texts: Mapping[str, str]) -> None:
        with storing("A license text"):
            self._folders.texts.mkdir(mode=0o700, exist_ok=True)
            for sha256, text in texts.items():
                path = self._folders.texts / f"{sha256}.txt"
                if not path.exists():
                    write_whole(path, text.encode())

    def _read(self) -> "Iterator[Reading]":
        trusted, mistrusted = self._trusted()
        if not (trusted or mistrusted):
            return
        from appliance.catalog.signed.reading import Reading  # noqa: PLC0415 - the same

        taken: dict[str, str] = {}
        for one in trusted:
            reading = self._reading(one)
            yield replace(reading, state=_without_taken(reading.state, taken))
            taken |= {recipe.id: one.name for recipe in reading.state.recipes if recipe.id not in taken}
        for wrong in mistrusted:
            yield Reading(_mistrusted(wrong))

    def _reading(self, one: Trusted) -> "Reading":
        from appliance.catalog.signed.reading import read_catalog  # noqa: PLC0415 - the same

        return read_catalog(one, self._cache(one), self._clock.now_ms())

    def _trusted(self) -> tuple[list[Trusted], list[Mistrusted]]:
        return trusted_catalogs(self._folders.trusted, self._folders.embedded)

    def _cache(self, one: Trusted) -> "Cache":
        from appliance.catalog.signed.cache import Cache  # noqa: PLC0415 - the same

        return Cache(self._folders.cache / one.name)


def _entries(reading: "Reading") -> Iterator[SignedEntry]:
    name = reading.state.name
    for one in reading.state.recipes:
        approval = Approval("catalog", name, one.organization or TOP, one.freshness)
        yield SignedEntry(reading.tomls[one.id], approval)


def _alarm(reading: "Reading") -> str:
    return f"The catalog {reading.state.name} cannot be verified: {reading.state.reason}."


def _withdrawn(recipe_id: str, reading: "Reading") -> str:
    return (
        f"The catalog {reading.state.name} lists it no more: whoever signed for {recipe_id} has withdrawn "
        "it. What runs goes on until it is stopped."
    )


def _id(fault: NotListed) -> str:
    target = parse_target(fault.what)
    return target.id if isinstance(target, RecipeTarget) else ""


def _without_taken(state: CatalogState, taken: dict[str, str]) -> CatalogState:
    """Whoever goes before in the order of names has an id."""
    clashes = [
        NotListed(one.id, f"the catalog {taken[one.id]} goes before this one and lists that id")
        for one in state.recipes
        if one.id in taken
    ]
    kept = tuple(one for one in state.recipes if one.id not in taken)
    return replace(state, recipes=kept, left_out=(*state.left_out, *clashes))


def _mistrusted(wrong: Mistrusted) -> CatalogState:
    return CatalogState(wrong.name, "", "", "unverifiable", wrong.reason.rstrip("."), (), (), ())


def _difference(name: str, before: dict[str, ListedRecipe], after: dict[str, ListedRecipe]) -> RefreshOutcome:
    both = [one for one in after.values() if one.id in before]
    return RefreshOutcome(
        name,
        "refreshed",
        came=tuple(_words(one) for one in after.values() if one.id not in before),
        went=tuple(_words(one) for one in before.values() if one.id not in after),
        changed=tuple(_words(one) for one in both if one.sha256 != before[one.id].sha256),
    )


def _listed(reading: "Reading") -> dict[str, ListedRecipe]:
    return {one.id: one for one in reading.state.recipes}


def _words(one: ListedRecipe) -> str:
    return f"{one.id} {one.revision}"
