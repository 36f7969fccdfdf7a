"""How much one may keep on the box, and how a file is named there."""

import re
from dataclasses import dataclass
from typing import Final

from appliance.errors import BadRequest, BodyTooLarge

DAY_MS: Final = 86_400_000
NAME_CHARACTERS: Final = 255
LEAST_DAYS_MS: Final = 3_600_000
"""A file lives an hour at least, as OpenAI has it."""

_SEPARATORS: Final = re.compile(r"[/\\]")


@dataclass(frozen=True, slots=True)
class FileLimits:
    """Bounds from the settings."""

    file_bytes: int = 100 * 2**20
    person_bytes: int = 2**30
    person_files: int = 500
    days: int = 30

    def lifetime_ms(self, wished_s: int | None) -> int:
        """How long a file stays. Raises ``BadRequest`` for longer than the box keeps files, or too short."""
        longest_ms = self.days * DAY_MS
        if wished_s is None:
            return longest_ms
        if not LEAST_DAYS_MS <= wished_s * 1000 <= longest_ms:
            raise BadRequest(
                f"`expires_after` must be from {LEAST_DAYS_MS // 1000} to {longest_ms // 1000} seconds.",
                param="expires_after",
            )
        return wished_s * 1000


def too_large(limit_bytes: int) -> BodyTooLarge:
    """One file is over its limit."""
    return BodyTooLarge(f"A file may have {limit_bytes} bytes; send it in parts.", param="file")


def too_much(limit_bytes: int) -> BodyTooLarge:
    """All files of one person together are."""
    return BodyTooLarge(
        f"Your files in all projects may have {limit_bytes} bytes together; delete some of them.",
        param="file",
    )


def too_many(limit: int) -> BadRequest:
    """One person has enough files."""
    return BadRequest(
        f"You may have {limit} files in all projects; delete some that you need no more.", param="file"
    )


def label_of(name: str) -> str:
    """What somebody calls a file, fit to be shown: no folders, and nothing that moves a cursor or turns text
    around.
    """
    last = _SEPARATORS.split(name)[-1]
    shown = "".join([one for one in last if one.isprintable()]).strip()
    return shown[:NAME_CHARACTERS] or "file"
