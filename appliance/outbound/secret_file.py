"""A secret that lies in a file of its own, named by a setting: read when it is needed, and never kept."""

from pathlib import Path
from typing import Final

from appliance.errors import ConfigInvalid

_MOST_BYTES: Final = 4096


def read_secret(path: str, setting: str) -> str:
    """Without white space around it. Raises ``ConfigInvalid``."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        secret = content.decode("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigInvalid(
            f"The file of the setting `{setting}` cannot be read; see that Carrel's user may read it."
        ) from error
    if not secret or len(content) > _MOST_BYTES:
        raise ConfigInvalid(f"The file of the setting `{setting}` holds no secret, or more than one.")
    return secret
