"""A request that ended in an error: what whoever looks for it later is told of it."""

from dataclasses import dataclass

from appliance.domain.people import Caller
from appliance.errors import CarrelError


@dataclass(frozen=True, slots=True)
class Refused:
    """``error`` is what its caller was told: it holds nothing of a prompt. ``caller`` is None where nobody
    knows whose it was. ``path`` is what was asked for, without a query; empty for a question on a page.
    """

    request_id: str
    error: CarrelError
    path: str = ""
    caller: Caller | None = None


@dataclass(frozen=True, slots=True)
class KnownRefusal:
    """The same as it is remembered. Time in ms since 1970 UTC; ids are empty where nobody knows whose it
    was.
    """

    request_id: str
    status: int
    code: str
    message: str
    path: str
    at_ms: int
    project_id: str = ""
    person_id: str = ""
    key_id: str = ""
