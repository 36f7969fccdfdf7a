"""A code that was given as the file that holds it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from appliance.cli.desk import Desk
from appliance.cli.given_files import read_given
from appliance.domain.text_files import text_of

BEGINS: Final = "crl-enroll:"
_MOST_BYTES: Final = 4096


def with_code_read(_desk: Desk, arguments: Mapping[str, object]) -> Mapping[str, object]:
    """The arguments with what the file holds in its place. Raises ``ConfigInvalid``, ``BadRequest``."""
    code = str(arguments.get("code") or "")
    if code.startswith(BEGINS) or not Path(code).is_file():
        return arguments
    return {**arguments, "code": text_of(read_given(code, _MOST_BYTES), Path(code).name).strip()}
