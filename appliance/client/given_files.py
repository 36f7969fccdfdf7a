"""Files that a person gives by name: read whole, within bounds."""

from pathlib import Path

from appliance.domain.text_files import text_of
from appliance.errors import BadRequest, ConfigInvalid


def read_given(path: str, most_bytes: int) -> bytes:
    """Raises ``ConfigInvalid`` where it cannot be read, ``BadRequest`` where it is too large."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(most_bytes + 1)
    except OSError as error:
        raise ConfigInvalid(f"{Path(path).name} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ConfigInvalid("This is no name of a file.") from error
    if len(content) > most_bytes:
        raise BadRequest(f"{Path(path).name} is larger than {most_bytes} bytes.")
    return content


def text_given(path: str, most_bytes: int) -> str:
    """Raises as ``read_given`` does, and ``BadRequest`` for what is no text."""
    return text_of(read_given(path, most_bytes), Path(path).name)
