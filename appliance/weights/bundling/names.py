"""Which names files of a bundle may have: plain ones that every stick holds, each kind in its own folder."""

import re
from collections.abc import Mapping
from typing import Final

from appliance.errors import IntegrityFailed

MOST_FILE_BYTES: Final = 2**32 - 1
"""The largest file that FAT32 holds."""
FOLDERS: Final = ("recipes", "licenses", "catalogs", "blobs", "program")
_PART: Final = r"[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,190}[A-Za-z0-9_+-])?"
_FORMS: Final[Mapping[str, re.Pattern[str]]] = {
    "recipe": re.compile(r"recipes/[a-z0-9][a-z0-9._-]{0,79}\.toml"),
    "license": re.compile(r"licenses/[0-9a-f]{64}\.txt"),
    "blob": re.compile(r"blobs/[0-9a-f]{64}"),
    "catalog": re.compile(rf"catalogs(/{_PART}){{2,7}}", re.ASCII),
    "program": re.compile(rf"(install\.sh|program(/{_PART}){{1,4}})", re.ASCII),
    "text": re.compile(r"README\.txt"),
}
# Devices on Windows, whatever stands after a dot.
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def fits(kind: str, name: str) -> bool:
    """Whether a member of that kind may lie there."""
    return _FORMS[kind].fullmatch(name) is not None and not any(map(_DEVICES.fullmatch, name.split("/")))


def check_name(kind: str, name: str) -> None:
    """Raises ``IntegrityFailed``; the message does not repeat what cannot be shown."""
    if not fits(kind, name):
        raise IntegrityFailed(
            f"The bundle has a {kind} under a name that it cannot have. Nothing of it was taken; ask whoever "
            "made the bundle for another one."
        )
