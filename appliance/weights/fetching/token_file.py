"""The file that holds the hub's token of the account that asks."""

from pathlib import Path
from typing import Final

from appliance.errors import NotAllowed

_MOST_BYTES: Final = 4096


def read_token(file: str) -> str:
    """Empty where no file is named. Raises ``NotAllowed`` where it cannot be read or holds no token."""
    if not file:
        return ""
    try:
        with Path(file).open("rb") as opened:
            token = opened.read(_MOST_BYTES).decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NotAllowed(
            "The file of the setting `hub_token_file` cannot be read; see that Carrel's user may read it."
        ) from error
    if not token or not token.isprintable() or " " in token:
        raise NotAllowed(
            "The file of the setting `hub_token_file` holds no token; put the hub's token into it."
        )
    return token
