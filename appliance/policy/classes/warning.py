"""What a teacher should know before the lesson: one sentence each, with the next step. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from appliance.domain.classes import SchoolClass
from appliance.policy.budget import credits_text

SOON_MS: Final = 10 * 60_000


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """``stopped`` are its models that do not answer now, ``elsewhere`` those that are hosted elsewhere.
    ``needs_micro`` is what its seats may spend together, None without a limit or where nobody knows the cost;
    ``left_micro`` what its project may, None without a limit.
    """

    stopped: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    needs_micro: int | None = None
    left_micro: int | None = None


def warnings(lesson: SchoolClass, facts: ClassFacts, now_ms: int) -> tuple[str, ...]:
    """None for a class that is over."""
    if lesson.state(now_ms) == "over":
        return ()
    return (
        *_of_models(lesson, facts),
        *_of_network(lesson),
        *_of_budget(lesson, facts, now_ms),
        *_of_time(lesson, now_ms),
        *_of_exam(lesson),
    )


def _of_models(lesson: SchoolClass, facts: ClassFacts) -> Iterator[str]:
    if not lesson.models:
        yield f"The class has no model. `carrel class set {lesson.id} --models ID` gives it one."
    for model in facts.stopped:
        yield f"{model} does not run, so nobody is answered by it. `carrel model run {model}` starts it."
    if lesson.mode != "open":
        for model in facts.elsewhere:
            yield f"{model} is hosted elsewhere, so a class of mode {lesson.mode} is not answered by it."


def _of_network(lesson: SchoolClass) -> Iterator[str]:
    if lesson.plain and _is_public(lesson.address):
        yield (
            f"{lesson.address} is an address of the internet, and over plain HTTP keys can be read on the "
            "way. Open the class on the room's own network, or without `--plain`."
        )


def _of_budget(lesson: SchoolClass, facts: ClassFacts, now_ms: int) -> Iterator[str]:
    """Before it begins: later a part of what its seats may spend is spent."""
    if lesson.state(now_ms) != "planned" or facts.needs_micro is None or facts.left_micro is None:
        return
    if facts.needs_micro > facts.left_micro:
        yield (
            f"Its seats may spend {credits_text(facts.needs_micro)} credits together, and project "
            f"`{lesson.project_id}` has {credits_text(facts.left_micro)} left. Give seats fewer tokens, or "
            "ask who runs the box for more."
        )


def _of_time(lesson: SchoolClass, now_ms: int) -> Iterator[str]:
    if 0 < lesson.ends_ms - now_ms <= SOON_MS:
        minutes = -(-(lesson.ends_ms - now_ms) // 60_000)
        yield f"It ends in {minutes} min. `carrel class set {lesson.id} --ends TIME` gives it more."


def _of_exam(lesson: SchoolClass) -> Iterator[str]:
    if lesson.mode == "exam":
        yield (
            "The box keeps to the exam; what else students do on their laptops it can neither see nor stop."
        )


def _is_public(address: str) -> bool:
    try:
        return ip_address(address).is_global
    except ValueError:
        return False
