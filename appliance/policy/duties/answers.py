"""A filled-in checklist as text: a line ``govern-1:`` before each answer; lines with ``#`` are questions."""

from collections.abc import Mapping
from typing import Final

from appliance.errors import BadRequest
from appliance.policy.duties.checklist import QUESTIONS, VERSION

SHORTEST: Final = 10
LONGEST: Final = 2000
_IDS: Final = tuple(one.id for one in QUESTIONS)


def form() -> str:
    """The checklist to be filled in."""
    parts = [f"# {one.function} ({one.category}): {one.text}\n{one.id}:\n" for one in QUESTIONS]
    return f"# NIST AI RMF 1.0, checklist version {VERSION}. Write below each name.\n\n" + "\n".join(parts)


def read_answers(text: str) -> Mapping[str, str]:
    """Every question's answer, by its id, in their order.

    Raises ``BadRequest`` that names the first question without one, or whose answer is too short or too long.
    """
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        name, colon, rest = line.partition(":")
        begins = bool(colon) and name.strip() in _IDS
        if begins:
            current = found.setdefault(name.strip(), [])
        if not line.lstrip().startswith("#"):
            current.append((rest if begins else line).strip())
    return {one: _checked(one, "\n".join(found.get(one, ())).strip()) for one in _IDS}


def _checked(id: str, answer: str) -> str:
    if SHORTEST <= len(answer) <= LONGEST:
        return answer
    trouble = "has no answer" if not answer else f"has an answer of {len(answer)} characters"
    raise BadRequest(
        f"Question {id} {trouble}; {SHORTEST} to {LONGEST} characters are wanted. `carrel duty checklist` "
        "prints the form.",
        param="answers",
    )
