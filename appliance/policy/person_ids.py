"""The form of the ids of persons and projects."""

import re
from typing import Final

from appliance.domain.people import DEFAULT_ID
from appliance.errors import BadRequest, NotAllowed

LONGEST: Final = 64
_FORM: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
_KEYS: Final = "key_"
"""A person's id stands where a key's would for a key of nobody: one must never look like the other."""


def is_person_id(text: str) -> bool:
    """Whether a person may have this id."""
    return _FORM.match(text) is not None and not text.startswith(_KEYS) and text != DEFAULT_ID


def require_person_id(text: str) -> str:
    """Raises ``BadRequest``."""
    if text == DEFAULT_ID or text.startswith(_KEYS):
        raise BadRequest("This id has a meaning of its own. Choose another one.", param="person")
    if not is_person_id(text):
        raise BadRequest(
            "A person's id has 1 to 64 characters of a-z, 0-9, dot, dash and underscore, and begins with a "
            "letter or digit.",
            param="person",
        )
    return text


def require_somebody(person_id: str) -> None:
    """Raises ``NotAllowed`` for the one that stands for nobody in particular."""
    if person_id == DEFAULT_ID:
        raise NotAllowed(
            f"`{DEFAULT_ID}` stands for nobody in particular: whoever holds a key without a person. "
            "`carrel person new ID` adds somebody.",
            param="person",
        )
