"""Where a model of the catalog stands: one word, how far it is, why it is not further, and in which group of
the list that is. Pure.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from appliance.domain.model import ModelState
from appliance.domain.results import DownloadStatus, ModelSummary


class Group(IntEnum):
    """Groups of the list, in its order."""

    RUNNING = 0
    """Or meant to: what has failed is here too."""
    HERE = 1
    """On the disk, or ready to be asked elsewhere."""
    COMING = 2
    NOT_HERE = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """``word`` is the state, ``more`` how far it is, ``why`` all that there is to know beside it."""

    group: Group
    word: str
    more: str = ""
    why: str = ""


_LACKS: Final = {
    "acceptance": "license not accepted",
    "grant": "no project has a grant",
    "lease": "no lease",
    "access": "no access",
}
_COMING: Final = {
    "waiting": "waits",
    "running": "fetching",
    "checking": "checking",
    "paused": "paused",
    "failed": "failed",
}
"""Downloads that are not over, and what is said of them."""


def standing(model: ModelSummary, download: DownloadStatus | None = None) -> Standing:
    """``download`` is the last one of this model, where there is one."""
    if model.state != ModelState.AVAILABLE:
        more = "" if model.percent is None else f"{model.percent} %"
        return Standing(Group.RUNNING, model.state, more, _why(model))
    if model.leaves_box:
        return Standing(Group.HERE, "elsewhere", why=_why(model))
    if model.on_disk:
        return Standing(Group.HERE, "damaged" if model.damaged else "on disk", why=_why(model))
    if download is not None and download.state in _COMING:
        why = _why(model) or download.reason or ""
        return Standing(Group.COMING, _COMING[download.state], f"{download.percent} %", why)
    return Standing(Group.NOT_HERE, "not here", why=_why(model))


def leaving(host: str) -> str:
    """What is said everywhere of a model that another host computes."""
    return f"leaves this box: {host}"


def same_model(one: str, other: str) -> bool:
    """They are forms of one recipe: ``name`` and ``name@form``."""
    return one.partition("@")[0] == other.partition("@")[0]


def _why(model: ModelSummary) -> str:
    """The host first: whoever reads one word of it must read that."""
    said = (
        leaving(model.leaves_box) if model.leaves_box else "",
        _LACKS.get(model.lacks or "", model.lacks or ""),
        model.damaged or "",
        model.reason if model.reason and model.reason != model.damaged else "",
    )
    return "; ".join(one for one in said if one)
