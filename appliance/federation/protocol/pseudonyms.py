"""What a project is called on the wire: another name each half year, and nobody without the box's secret can
tell whose it is.
"""

import hashlib
import hmac
from datetime import date
from typing import Final

OTHER: Final = "other"
"""In the place of a pseudonym: projects that few people used."""
_LENGTH: Final = 16
_GROUPS: Final = b"carrel pseudonym of a project\x00"


def term_of(day: date) -> str:
    """The half year, such as ``2026H2``."""
    return f"{day.year}H{1 if day.month < 7 else 2}"


def pseudonym(secret: bytes, project: str, day: date) -> str:
    """For the term of that day."""
    text = _GROUPS + f"{term_of(day)}\x00{project}".encode()
    return hmac.new(secret, text, hashlib.sha256).hexdigest()[:_LENGTH]
