"""Domains of particular care: a closed list of tags. Who works in one owes more, and earlier."""

from collections.abc import Iterable
from typing import Final

from appliance.errors import BadRequest

DOMAINS: Final[dict[str, str]] = {
    "biometrics": "telling or finding people by face, voice, gait or other marks of the body",
    "children": "people under 18, as subjects or as readers",
    "credit": "who gets a loan, an insurance, a flat or help from the state",
    "cybersecurity": "attacks on computers and the defense against them",
    "elections": "votes, parties, campaigns and what is said about them",
    "employment": "hiring, promotion, dismissal, the watching of work",
    "health": "illness, treatment, genes, and records of patients",
    "infrastructure": "power, water, traffic, and other supplies on which many depend",
    "justice": "courts, sentences, prisons",
    "law-enforcement": "police, investigation, forecasts of crime",
    "life-sciences": "pathogens, toxins, and protocols that a laboratory could follow",
    "migration": "borders, asylum, visas",
    "military": "weapons, targeting, intelligence",
    "misinformation": "false statements meant to be believed, studied or made",
}
"""Tag to what is meant by it."""


def check_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """The tags in order, each once. Raises ``BadRequest`` for one that is not in the list."""
    wanted = sorted({one.strip().lower() for one in tags} - {""})
    for one in wanted:
        if one not in DOMAINS:
            raise BadRequest(
                f"`{one[:40]}` is no domain of particular care. There are: {', '.join(DOMAINS)}.",
                param="tags",
            )
    return tuple(wanted)
