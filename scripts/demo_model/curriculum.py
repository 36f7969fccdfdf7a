"""Reads what the demo model is taught: the Questions sections of the handbook, and nothing else of it."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

_SECTION = re.compile(r"^## Questions$", re.MULTILINE)
_ENTRY = re.compile(r"^### (?P<question>.+)\n(?P<answer>.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One question of the handbook with its answer."""

    page: str
    question: str
    answer: str


def read_curriculum(handbook: Path) -> tuple[Lesson, ...]:
    """Every question of every page, by page name and in the page's order."""
    return tuple(lesson for page in sorted(handbook.glob("*.md")) for lesson in _read_page(page))


def digest(lessons: tuple[Lesson, ...]) -> str:
    """SHA-256 over questions and answers: tells whether a model was trained on this handbook."""
    text = "\n".join(f"{lesson.question}\t{lesson.answer}" for lesson in lessons)
    return hashlib.sha256(text.encode()).hexdigest()


def _read_page(page: Path) -> list[Lesson]:
    _, *sections = _SECTION.split(page.read_text(encoding="utf-8"))
    if not sections:
        return []
    if len(sections) != 1:
        raise ValueError(f"{page.name} may have one section `## Questions`, at its end")
    lessons = [Lesson(page.stem, m["question"], m["answer"]) for m in _ENTRY.finditer(sections[0])]
    if len(lessons) != sections[0].count("### "):
        raise ValueError(f"{page.name}: every question needs an answer of one line")
    return lessons
