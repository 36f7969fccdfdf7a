"""The text that every form of every model is measured with: questions and answers of the handbook, as they
were once. The file is never changed, so that numbers of different versions of Carrel can be compared.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).with_name("prose.txt")


@dataclass(frozen=True, slots=True)
class Prose:
    """A text and its name in records."""

    text: str

    @property
    def sha256(self) -> str:
        """Of its UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_prose() -> Prose:
    """Blocks."""
    return Prose(_FILE.read_text(encoding="utf-8"))
