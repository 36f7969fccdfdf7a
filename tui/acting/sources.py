"""Where the ids come from that a field offers: which list of the box, and which fields of its rows. Decides
only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from appliance.domain.action import Action, Argument, Kind
from appliance.domain.plain_text import one_line

MOST: Final = 5000
"""Rows that are looked through."""


@dataclass(frozen=True, slots=True)
class Source:
    """An action that only looks, the list in its result, and of each row the id and what a person knows it
    by. ``needs`` are arguments of the list that other fields of the form give: theirs, ours.
    """

    action: str
    rows: str
    id: str = "id"
    known_as: str = ""
    given: tuple[tuple[str, object], ...] = ()
    needs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that is there."""

    id: str
    known_as: str = ""


MODELS: Final = Source("model.list", "models", known_as="state", given=(("all", True),))
PROJECTS: Final = Source("project.list", "projects", known_as="name")
PEOPLE: Final = Source("person.list", "people", known_as="name")
CLASSES: Final = Source("class.list", "classes", known_as="title", given=(("all", True),))
KEYS: Final = Source("key.list", "keys", known_as="name")
GPUS: Final = Source("gpu.list", "gpus", id="index", known_as="name")

BY_NAME: Final[Mapping[str, Source]] = {
    "model": MODELS,
    "models": MODELS,
    "project": PROJECTS,
    "person": PEOPLE,
    "lead": PEOPLE,
    "gpu": GPUS,
    "gpus": GPUS,
    "download": Source("download.list", "downloads", known_as="model"),
    "allocation": Source("budget.show", "allocations", known_as="subject", needs=(("project", "project"),)),
    "wire": Source("tripwire.list", "wires", id="wire", known_as="title"),
    "seat": Source(
        "class.seats", "seats", id="given", known_as="name", needs=(("name", "name"), ("project", "project"))
    ),
    "key": KEYS,
}
"""By the argument's name, whatever the action."""
_REPORTS: Final = Source("report.list", "reports", known_as="description")
_SAMPLES: Final = Source("sample.list", "samples", known_as="purpose")
_BY_NOUN: Final[Mapping[str, Source]] = {
    "class.name": CLASSES,
    "key.id": KEYS,
    "incident.id": Source("incident.list", "incidents", known_as="wire"),
    "budget.id": Source("budget.requests", "requests", known_as="reason"),
    "report.id": _REPORTS,
    "sample.id": _SAMPLES,
    "restriction.id": Source("restriction.list", "restrictions", known_as="why"),
    "access.id": Source("access.queue", "applications", known_as="project"),
    "recipe.id": Source("recipe.list", "recipes", known_as="state"),
    "catalog.name": Source("catalog.show", "catalogs", id="name", known_as="freshness"),
    "share.id": Source("share.requests", "peers", known_as="institution", given=(("all", True),)),
}
"""By noun and argument."""
_BY_ACTION: Final[Mapping[str, Source | None]] = {
    "class.new.name": None,
    "project.new.project": None,
    "person.new.person": None,
    "catalog.trust.name": None,
    "fed.check.id": Source("fed.checks", "checks", known_as="reason"),
    "fed.resend.id": Source("fed.status", "refused", known_as="summary"),
    "fed.drop.id": Source("fed.status", "refused", known_as="summary"),
    "sample.key-end.id": Source("sample.keys", "keys", known_as="label"),
    "share.revoke.id": Source("share.peers", "peers", known_as="institution"),
    "share.return.model": Source("share.borrowed", "borrowed", id="model", known_as="organization"),
    "model.run.gpus": GPUS,
    "upstream.key.name": None,
}
"""By action and argument, before the others; None is a name that is new."""


def source_of(action: Action, argument: Argument) -> Source | None:
    """Where ids for this argument come from; None where nobody can offer any."""
    others = action.noun.startswith("registry")
    if argument.kind not in {Kind.TEXT, Kind.INTEGER} or argument.choices or others:
        return None
    exact = f"{action.name}.{argument.name}"
    if exact in _BY_ACTION:
        return _BY_ACTION[exact]
    noun = _BY_NOUN.get(f"{action.noun}.{argument.name}")
    if noun is not None:
        return noun
    return BY_NAME.get(argument.name) if argument.kind is Kind.TEXT or argument.name == "gpu" else None


def all_sources() -> tuple[Source, ...]:
    """Every one there is."""
    found = [*BY_NAME.values(), *_BY_NOUN.values(), *(one for one in _BY_ACTION.values() if one is not None)]
    return tuple(dict.fromkeys(found))


def question_of(source: Source, values: Mapping[str, object]) -> dict[str, object] | None:
    """The list's arguments, from what the form has; None while a required one is missing."""
    asked = dict(source.given)
    for theirs, ours in source.needs:
        value = values.get(ours)
        if value not in {None, ""}:
            asked[theirs] = value
    required = {"name"} & {theirs for theirs, _ in source.needs}
    return asked if required <= asked.keys() else None


def offers_of(source: Source, result: msgspec.Struct) -> tuple[Offer, ...]:
    """What the list answered. Ids that cannot be typed are left out: to offer one would be to paste what
    nobody sees.
    """
    rows = getattr(result, source.rows, ())
    made: dict[str, Offer] = {}
    for row in rows[:MOST]:
        named = str(getattr(row, source.id, ""))
        if named and one_line(named) == named:
            made.setdefault(named, Offer(named, one_line(str(getattr(row, source.known_as, "") or ""))))
    return tuple(made.values())


def fitting(offers: tuple[Offer, ...], typed: str, most: int = 50) -> tuple[Offer, ...]:
    """Those with what was typed in them: first ids that begin so, then the rest. After a comma a new one
    begins.
    """
    word = typed.rpartition(",")[2].strip().casefold()
    begins = [one for one in offers if one.id.casefold().startswith(word)]
    within = [
        one
        for one in offers
        if one not in begins and (word in one.id.casefold() or word in one.known_as.casefold())
    ]
    return tuple([*begins, *within][:most])


def taken(typed: str, offer: Offer, *, several: bool) -> str:
    """What the field holds after an offer was taken; ``several`` keeps those before the last comma."""
    before, comma, _ = typed.rpartition(",")
    return f"{before}{comma}{offer.id}" if several and comma else offer.id
