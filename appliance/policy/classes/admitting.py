"""Whether a member of a class may ask a model now, in sentences that a student understands.

Times are told as a clock on the box's wall shows them. ``waits_for`` says who can change it: ``lead`` is the
teacher; empty: time does, or the student.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from appliance.domain.classes import CLASS_MODEL, FrozenModel, SchoolClass
from appliance.policy.restrictions.networks import is_within, network_of

LocalTime = Callable[[int], datetime]
"""What the box's clock on the wall shows at a time in ms since 1970 UTC."""

RULE: Final = "class"
LEAD: Final = "lead"


@dataclass(frozen=True, slots=True)
class ClassRefusal:
    """Why nothing is computed for a seat now."""

    message: str
    waits_for: str = LEAD
    param: str | None = None


@dataclass(frozen=True, slots=True)
class AskedModel:
    """What is asked for: its id with form, where it is hosted (empty: here), and as it runs now; None where
    it does not run.
    """

    id: str
    host: str = ""
    runs: FrozenModel | None = None


def refused_now(lesson: SchoolClass, now_ms: int, local: LocalTime) -> ClassRefusal | None:
    """By the time and the teacher, whatever is asked; None while the class is open."""
    match lesson.state(now_ms):
        case "open":
            return None
        case "paused":
            return ClassRefusal("Your teacher paused the class. Wait until it goes on, then send it again.")
        case "over":
            since_ms = min(lesson.ends_ms, lesson.over_ms or lesson.ends_ms)
            return ClassRefusal(
                f"The class is over since {_told(since_ms, now_ms, local)}. Ask your teacher if you need "
                "more time."
            )
        case "planned":
            return _not_begun(lesson, now_ms, local)


def refused_address(lesson: SchoolClass, address: str) -> ClassRefusal | None:
    """By where it comes from. Lines of a batch come from nowhere, and pass: the batch was looked at."""
    if not address or is_within(address, [network_of(one) for one in lesson.networks]):
        return None
    return ClassRefusal(
        "The class is answered in its own network only, and you are in another one. Join the class's "
        "network, or ask your teacher.",
        waits_for="",
    )


def refused_model(lesson: SchoolClass, asked: AskedModel) -> ClassRefusal | None:
    """By what is asked. An exam asks no host elsewhere, and nothing that was changed since it was opened."""
    exam = lesson.mode == "exam"
    if exam and asked.host:
        return ClassRefusal(f"{asked.id} is hosted elsewhere, and an exam stays on this box. {_ask(lesson)}")
    if asked.id not in lesson.models:
        uses = "exam allows" if exam else "class uses"
        return ClassRefusal(f"This {uses} {_listed(lesson)}. {_ask(lesson)}", param="model")
    frozen = next((one for one in lesson.frozen if one.model == asked.id), None)
    if exam and frozen is not None and asked.runs is not None and asked.runs != frozen:
        return ClassRefusal(
            f"{asked.id} was changed since the exam was opened, so it answers nobody here. Tell your teacher."
        )
    return None


def seed_of(lesson: SchoolClass) -> int | None:
    """Of every answer; None: each request its own."""
    return lesson.seed if lesson.mode == "exam" else None


def exam_notice(seed: int) -> str:
    """What a caller is told whose seed was set. ASCII: it is told in a header."""
    return f"This is an exam: its answers are made with seed {seed}, whatever a request says."


def _not_begun(lesson: SchoolClass, now_ms: int, local: LocalTime) -> ClassRefusal:
    if lesson.starts_ms is not None and now_ms < lesson.starts_ms:
        return ClassRefusal(
            f"The class has not begun: it opens at {_told(lesson.starts_ms, now_ms, local)}.", waits_for=""
        )
    return ClassRefusal("The class has not begun. Your teacher opens it.")


def _listed(lesson: SchoolClass) -> str:
    *first, last = lesson.models or (CLASS_MODEL,)
    return f"{', '.join(first)} and {last}" if first else last


def _ask(lesson: SchoolClass) -> str:
    if len(lesson.models) > 1:
        return f"Ask one of them, or `{CLASS_MODEL}`."
    return f"Ask it as `{CLASS_MODEL}`."


def _told(at_ms: int, now_ms: int, local: LocalTime) -> str:
    at, now = local(at_ms), local(now_ms)
    return f"{at:%H:%M}" if at.date() == now.date() else f"{at:%H:%M} on {at:%Y-%m-%d}"
