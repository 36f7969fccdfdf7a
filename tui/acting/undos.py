"""Which action takes back what another did, and with which arguments: what `u` does. Decides only.

Here stands only what comes back as it was. An action that needs more than it was given, such as a reason or
who led a project, has no undo.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from appliance.domain.action import Action
from appliance.domain.actions import action as action_of

Given = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Undo:
    """An action and its arguments."""

    action: str
    arguments: dict[str, object]


def undo_of(action: Action, arguments: Given) -> Undo | None:
    """None where nothing takes it back."""
    inverse = INVERSES.get(action.name)
    if inverse is None:
        return None
    mapped = inverse.arguments(arguments)
    return None if mapped is None else Undo(inverse.action, mapped)


@dataclass(frozen=True, slots=True)
class Inverse:
    """``arguments`` turns what was given into what takes it back; None where this call has no way back."""

    action: str
    arguments: Callable[[Given], dict[str, object] | None]


def _same(*names: str) -> Callable[[Given], dict[str, object] | None]:
    return lambda given: {name: given[name] for name in names if given.get(name) is not None}


def _other(name: str, first: str, second: str, *kept: str) -> Callable[[Given], dict[str, object] | None]:
    """The same but for one argument, which has the other of its two values."""

    def turned(given: Given) -> dict[str, object] | None:
        value = given.get(name)
        if value not in {first, second}:
            return None
        same = {one: given[one] for one in kept if given.get(one) is not None}
        return {**same, name: second if value == first else first}

    return turned


def _switched(given: Given) -> dict[str, object] | None:
    if given.get("threshold") is not None or given.get("hours") is not None:
        return None
    return _other("switch", "on", "off", "wire")(given)


def _for_one(given: Given) -> dict[str, object] | None:
    """Early access of a project's people: some of them may have had it before."""
    return None if given.get("project") is not None else _same("model", "person")(given)


INVERSES: Final[Mapping[str, Inverse]] = {
    "batch.pause": Inverse("batch.resume", _same("batch")),
    "batch.resume": Inverse("batch.pause", _same("batch")),
    "class.pause": Inverse("class.resume", _same("name", "project")),
    "class.resume": Inverse("class.pause", _same("name", "project")),
    "download.pause": Inverse("download.resume", _same("download")),
    "download.resume": Inverse("download.pause", _same("download")),
    "early.add": Inverse("early.drop", _for_one),
    "fed.report": Inverse("fed.report", _other("switch", "on", "off")),
    "gpu.release": Inverse("gpu.take", _same("gpu")),
    "gpu.take": Inverse("gpu.release", _same("gpu")),
    "member.add": Inverse("member.remove", _same("person", "project")),
    "model.run": Inverse("model.stop", _same("model")),
    "offline.off": Inverse("offline.on", _same()),
    "offline.on": Inverse("offline.off", _same()),
    "person.end": Inverse("person.resume", _same("person")),
    "person.resume": Inverse("person.end", _same("person")),
    "project.close": Inverse("project.reopen", _same("project")),
    "project.reopen": Inverse("project.close", _same("project")),
    "sample.consent": Inverse("sample.consent", _other("answer", "yes", "no", "person", "project")),
    "sample.refuse": Inverse("sample.refuse", _other("answer", "yes", "no", "person", "project")),
    "tripwire.expect": Inverse("tripwire.forget", _same("pattern", "project")),
    "tripwire.set": Inverse("tripwire.set", _switched),
}


def inverse_row(action: Action) -> Action | None:
    """The row of the table that takes this one back."""
    inverse = INVERSES.get(action.name)
    return action_of(inverse.action) if inverse else None
