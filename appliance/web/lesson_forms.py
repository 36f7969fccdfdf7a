"""The forms of a class, as they come from pages, and as actions take them."""

import re
import unicodedata
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from appliance.domain.actions.people import ROSTER_CHARACTERS
from appliance.domain.results import ClassDetail

Short = Annotated[str, Meta(max_length=100)]
Moment = Annotated[str, Meta(max_length=20)]
Model = Annotated[str, Meta(max_length=200)]
Tokens = Annotated[int, Meta(ge=0, le=10**12)]
Mode = Literal["open", "exam", "offline"]

_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")
_LONGEST_SLUG: Final = 40


class NewClassForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of a new class; ``previewed`` is the mark of the list that was shown before it is made."""

    what: Literal["preview", "make", "open"] = "preview"
    previewed: Annotated[str, Meta(max_length=16)] = ""
    title: Short = ""
    name: Annotated[str, Meta(max_length=64)] = ""
    roster: Annotated[str, Meta(max_length=ROSTER_CHARACTERS)] = ""
    roster_file: bytes = b""
    first: Model = ""
    models: Annotated[tuple[Model, ...], Meta(max_length=100)] = ()
    seat_tokens: Tokens = 50_000
    seat_running: Annotated[int, Meta(ge=0, le=1000)] = 2
    guests: Annotated[int, Meta(ge=0, le=1000)] = 0
    minutes: Annotated[int, Meta(ge=1, le=527_040)] | None = None
    starts: Moment = ""
    ends: Moment = ""
    mode: Mode = "open"
    plain: Literal["", "on"] = ""
    address: Annotated[str, Meta(max_length=45)] = ""

    def arguments(self, roster: str) -> dict[str, object]:
        """Of ``class new``."""
        return {
            "name": self.name or name_of(self.title),
            "title": self.title,
            "roster": roster or None,
            "models": models_text(self.first, self.models),
            "seat_tokens": self.seat_tokens,
            "seat_running": self.seat_running,
            "guests": self.guests,
            "minutes": None if self.ends else self.minutes,
            "starts": self.starts,
            "ends": self.ends,
            "mode": self.mode,
        }


class SettingsForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be changed of a class."""

    title: Short
    mode: Mode
    seat_tokens: Tokens
    seat_running: Annotated[int, Meta(ge=0, le=1000)]
    seat_requests_per_minute: Annotated[int, Meta(ge=0, le=10**6)]
    seat_tokens_per_minute: Tokens
    grace_min: Annotated[int, Meta(ge=0, le=10_080)]
    guests: Annotated[int, Meta(ge=0, le=1000)]
    first: Model = ""
    models: Annotated[tuple[Model, ...], Meta(max_length=100)] = ()
    ends: Moment = ""
    networks: Annotated[str, Meta(max_length=1000)] = ""

    def arguments(self, class_id: str) -> dict[str, object]:
        """Of ``class set``. No network at all is anywhere."""
        return {
            "name": class_id,
            "title": self.title,
            "mode": self.mode,
            "models": models_text(self.first, self.models),
            "seat_tokens": self.seat_tokens,
            "seat_running": self.seat_running,
            "seat_requests_per_min": self.seat_requests_per_minute,
            "seat_tokens_per_min": self.seat_tokens_per_minute,
            "grace_min": self.grace_min,
            "guests": self.guests,
            "ends": self.ends,
            "networks": self.networks or "none",
        }


class RosterForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list for a class that is there."""

    what: Literal["preview", "take"] = "preview"
    previewed: Annotated[str, Meta(max_length=16)] = ""
    roster: Annotated[str, Meta(max_length=ROSTER_CHARACTERS)] = ""
    roster_file: bytes = b""


class OpenForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a class is opened."""

    plain: Literal["", "on"] = ""
    address: Annotated[str, Meta(max_length=45)] = ""

    def arguments(self, class_id: str) -> dict[str, object]:
        """Of ``class open``."""
        return {"name": class_id, "plain": self.plain == "on", "address": self.address}


def settings_of(detail: ClassDetail) -> SettingsForm:
    """The form as the class has it now."""
    return SettingsForm(
        title=detail.title,
        mode=_mode(detail.mode),
        seat_tokens=detail.seat_tokens,
        seat_running=detail.seat_running,
        seat_requests_per_minute=detail.seat_requests_per_minute,
        seat_tokens_per_minute=detail.seat_tokens_per_minute,
        grace_min=detail.grace_min,
        guests=detail.guests,
        first=detail.models[0] if detail.models else "",
        models=detail.models,
        networks=", ".join(detail.networks),
    )


def models_text(first: str, others: tuple[str, ...]) -> str:
    """As actions take them: the one that is asked as ``class-model`` first, each once."""
    return ",".join(dict.fromkeys(one for one in (first, *others) if one))


def name_of(title: str) -> str:
    """An id made from a title."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return _NO_SLUG.sub("-", plain).strip("-")[:_LONGEST_SLUG].strip("-") or "class"


def _mode(mode: str) -> Mode:
    return "exam" if mode == "exam" else "offline" if mode == "offline" else "open"
