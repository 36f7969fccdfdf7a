"""Which part of a list is wanted, and the list as OpenAI gives it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from appliance.errors import BadRequest

Item = TypeVar("Item", bound=msgspec.Struct)


class ListBody(msgspec.Struct, Generic[Item], frozen=True, kw_only=True):
    """A part of a list."""

    object: str = "list"
    data: list[Item]
    first_id: str | None
    last_id: str | None
    has_more: bool


@dataclass(frozen=True, slots=True)
class Page:
    """``limit`` entries behind the one whose id is ``after``."""

    after: str | None
    limit: int
    newest_first: bool


def read_page(query: Mapping[str, Any], *, default: int, most: int) -> Page:
    """From the query of an address. Raises ``BadRequest``."""
    limit = query.get("limit", str(default))
    if not (limit.isascii() and limit.isdigit() and len(limit) < 10 and 1 <= int(limit) <= most):
        raise BadRequest(f"`limit` must be a whole number from 1 to {most}.", param="limit")
    order = query.get("order", "desc")
    if order not in {"asc", "desc"}:
        raise BadRequest("`order` must be asc or desc.", param="order")
    return Page(query.get("after") or None, int(limit), order == "desc")


def list_body(found: Sequence[Item], ids: Sequence[str], page: Page) -> ListBody[Item]:
    """The first ``page.limit`` of ``found``, which may be one more than that."""
    shown = ids[: page.limit]
    return ListBody(
        data=list(found[: page.limit]),
        first_id=shown[0] if shown else None,
        last_id=shown[-1] if shown else None,
        has_more=len(found) > page.limit,
    )
