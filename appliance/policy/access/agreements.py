"""Which signatures count. A new text asks again, from the day on which it says so."""

from collections.abc import Sequence
from typing import Final

from appliance.domain.access import Agreement, Asker, Signature

DIGITS: Final = 12
"""So many first hex digits of a text's SHA-256 show that somebody had the text before them."""


def accepted_texts(versions: Sequence[Agreement], now_ms: int) -> frozenset[str]:
    """Hashes of the texts, oldest version first, of which a signature counts now: the newest, and older ones
    until the newer asks.
    """
    found = []
    for one in reversed(versions):
        found.append(one.text_sha256)
        if one.asks_from_ms <= now_ms:
            break
    return frozenset(found)


def is_text(digits: str, text_sha256: str) -> bool:
    """Whether these are enough first digits of that hash."""
    return len(digits) >= DIGITS and text_sha256.startswith(digits.lower())


def covers(signature: Signature, asker: Asker) -> bool:
    """Whether it holds for them: their own does; one for the project does in a course, where it is signed
    once for all, and for a key of nobody in particular.
    """
    if asker.person and signature.person == asker.person:
        return True
    of_project = signature.for_project and signature.project == asker.project.id
    return of_project and (not asker.person or asker.project.kind == "course")
