"""What may become a part of a path: recipes are checked as they are read, and here once more.

Nothing that passes holds a separator, begins with a dot or needs quoting, so that a name joined to a folder
stays in that folder.
"""

import re
from typing import Final

from appliance.errors import IntegrityFailed

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,254}\Z", re.ASCII)
_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}\Z", re.ASCII)
_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)


def plain_name(name: str) -> str:
    """The name of a file. Raises ``IntegrityFailed``; the message does not repeat what cannot be shown."""
    return _matching(_NAME, name, "A file of the recipe has a name that could lead out of its folder")


def plain_id(recipe_id: str) -> str:
    """The id of a recipe, which is the name of its folder. Raises ``IntegrityFailed``."""
    return _matching(_ID, recipe_id, "The recipe's id cannot be the name of a folder")


def plain_sha256(sha256: str) -> str:
    """64 hex digits. Raises ``IntegrityFailed``."""
    return _matching(_SHA256, sha256, "The recipe does not know the SHA-256 of a file")


def _matching(form: re.Pattern[str], text: str, refusal: str) -> str:
    if not form.match(text):
        raise IntegrityFailed(f"{refusal}; correct the recipe.")
    return text
