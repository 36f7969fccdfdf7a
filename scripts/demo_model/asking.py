"""All the ways in which a question is asked: frames, other words, dropped words, slips of the keyboard.

A third of the frames are never used in training, so that the evaluation says something about new wordings.
"""

import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from demo_model.curriculum import Lesson

OFF_TOPIC_ANSWER = "I only know the Carrel handbook."

TAUGHT_FRAMES = (
    "{}",
    "please: {}",
    "Please tell me: {}",
    "can you tell me {}",
    "Hi, {}",
    "Hello! {}",
    "hey {}",
    "{} please",
    "{} Thanks!",
    "Tell me, {}",
    "Question: {}",
    "I want to know: {}",
    "quick question: {}",
    "Carrel: {}",
    "Q: {}",
    "{} Answer briefly.",
    "I am new here. {}",
    "Excuse me, {}",
    "Do you know {}",
    "So, {}",
    "{} Thank you.",
    "  {}\n",
)
HELD_OUT_FRAMES = (
    "Could you please answer this: {}",
    "Good morning! {}",
    "I was wondering, {}",
    "{} I need help.",
    "My colleague asks: {}",
    "One more thing: {}",
    "ok, {}",
    "Sorry, but {}",
    "Dear box, {}",
    "{} Short answer, please.",
)
_OTHER_WORDS = {
    "box": ("appliance", "machine", "server", "Carrel"),
    "Carrel": ("the box", "this box"),
    "start": ("launch", "boot"),
    "stop": ("halt", "end", "shut down"),
    "make": ("create", "generate", "get"),
    "create": ("make", "add"),
    "list": ("show", "see", "print"),
    "see": ("view", "show", "look at", "check"),
    "key": ("API key", "api key"),
    "keys": ("API keys",),
    "revoke": ("withdraw", "cancel", "delete"),
    "run": ("serve", "start", "use"),
    "choose": ("pick", "select"),
    "set": ("change", "define"),
    "remove": ("drop", "delete"),
    "Run": ("run",),
    "limit": ("cap", "bound"),
    "budget": ("allowance", "quota"),
    "used": ("spent", "consumed"),
    "model": ("LLM",),
    "large": ("big",),
    "long": ("big", "large"),
    "folder": ("directory",),
    "file": ("document",),
    "question": ("thing",),
    "answers": ("replies",),
    "answer": ("reply", "response"),
    "send": ("pass", "give"),
    "get": ("obtain", "have"),
    "change": ("edit", "modify"),
    "find": ("look up",),
    "mean": ("say", "stand for"),
    "means": ("says",),
    "log": ("journal",),
    "logs": ("log",),
    "stored": ("kept", "saved"),
    "project": ("group",),
    "logged": ("recorded",),
    "need": ("require",),
    "How do I": ("How can I", "how to", "How does one", "Way to"),
    "Which": ("What",),
    "What": ("Which",),
    "What is": ("What's", "Explain", "Define"),
    "Where is": ("Where's",),
    "What happens": ("What is done", "What"),
    "What does": ("what's the meaning of",),
    "Does": ("Will",),
}
_SMALL_WORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "do",
        "does",
        "is",
        "are",
        "of",
        "to",
        "in",
        "on",
        "it",
        "i",
        "my",
        "for",
        "and",
        "at",
        "what",
        "how",
        "which",
    ]
)


@dataclass(frozen=True, slots=True)
class Wordings:
    """Hand-written paraphrases by question, and questions about anything else."""

    taught: Mapping[str, tuple[str, ...]]
    held_out: Mapping[str, str]
    off_topic: tuple[str, ...]
    off_topic_held_out: tuple[str, ...]


def read_wordings(folder: Path, lessons: tuple[Lesson, ...]) -> Wordings:
    """Read both TOML files. Raises ``ValueError`` for a paraphrase of no question of the handbook."""
    paraphrases = tomllib.loads((folder / "paraphrases.toml").read_text(encoding="utf-8"))
    questions = {lesson.question for lesson in lessons}
    unknown = (set(paraphrases["taught"]) | set(paraphrases["held_out"])) - questions
    if unknown:
        raise ValueError(f"paraphrases of no question of the handbook: {sorted(unknown)}")
    other = tomllib.loads((folder / "off_topic.toml").read_text(encoding="utf-8"))
    return Wordings(
        taught={question: tuple(ways) for question, ways in paraphrases["taught"].items()},
        held_out=paraphrases["held_out"],
        off_topic=_fill(other["taught"], other["taught_words"]),
        off_topic_held_out=_fill(other["held_out"], other["held_out_words"]),
    )


def ask(lesson: Lesson, wordings: Wordings, chance: random.Random) -> str:
    """One way of asking the lesson's question, drawn from what may be taught."""
    ways = wordings.taught.get(lesson.question, ())
    asked = lesson.question if not ways or chance.random() < 0.4 else chance.choice(ways)
    return vary(asked, chance)


def vary(question: str, chance: random.Random) -> str:
    """The question in other words, sloppily typed, in a frame; often none of it."""
    if chance.random() < 0.35:
        question = _other_words(question, chance)
    if chance.random() < 0.15:
        question = _drop_words(question, chance)
    if chance.random() < 0.2:
        question = _mistype(question, chance)
    return _casual(chance.choice(TAUGHT_FRAMES) if chance.random() < 0.4 else "{}", question, chance)


def mistype(question: str, seed: int) -> str:
    """One slip of the keyboard, for the evaluation."""
    return _mistype(question, random.Random(seed))


def _other_words(question: str, chance: random.Random) -> str:
    for word in chance.sample(sorted(_OTHER_WORDS), len(_OTHER_WORDS)):
        if f" {word} " in f" {question.rstrip('?')} " and chance.random() < 0.5:
            question = question.replace(word, chance.choice(_OTHER_WORDS[word]), 1)
    return question


def _drop_words(question: str, chance: random.Random) -> str:
    kept = [word for word in question.split() if word.lower() not in _SMALL_WORDS or chance.random() < 0.4]
    return " ".join(kept) or question


def _mistype(question: str, chance: random.Random) -> str:
    # Digits carry the fact that is asked for (exit code 7, status 429), so no slip touches them.
    places = [i for i in range(1, len(question) - 1) if question[i].isalpha() and question[i - 1].isalpha()]
    if not places:
        return question
    at = chance.choice(places)
    swapped = question[: at - 1] + question[at] + question[at - 1] + question[at + 1 :]
    doubled = question[:at] + question[at] + question[at:]
    return chance.choice((question[:at] + question[at + 1 :], swapped, doubled))


def _casual(frame: str, question: str, chance: random.Random) -> str:
    if frame != "{}" and not frame.startswith("{") and chance.random() < 0.5:
        question = question[0].lower() + question[1:]
    if chance.random() < 0.25:
        question = question.rstrip("?")
    text = frame.format(question)
    if chance.random() < 0.25:
        text = text.lower()
    return text.upper() if chance.random() < 0.01 else text


def _fill(patterns: list[str], words: list[str]) -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                pattern.format(one, other)
                for pattern in patterns
                for one, other in zip(words, words[1:] + words[:1], strict=True)
            }
        )
    )
