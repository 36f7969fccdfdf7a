"""Files that a lab adds to its box: written whole or not at all, readable by the box's own user."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from appliance.errors import ConfigInvalid


def write_whole(path: Path, content: bytes) -> None:
    """Nothing of it is secret: modes 0755 and 0644, so that a box that is not the writer's can read it.

    Raises ``ConfigInvalid`` naming the file.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True)
            path.parent.chmod(0o755)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise ConfigInvalid(
            f"{path.name} cannot be written ({error.strerror}); do this as the user that owns the box's "
            "configuration."
        ) from error
    finally:
        with suppress(OSError):
            fresh.unlink()
