"""Whom the box takes for who they say they are: the certificates of the system or the program, and those of
one more file, since some networks read along with a certificate of their own.
"""

import ssl
from pathlib import Path
from typing import Final

import certifi

from appliance.errors import ConfigInvalid

MOST_BYTES: Final = 16 * 2**20


def trusted(ca_file: str = "") -> ssl.SSLContext:
    """Certificates of the system; of the program where the system has none, as beside a portable Python;
    those in ``ca_file`` (PEM) besides. Blocks. Raises ``ConfigInvalid`` for a file that holds none.
    """
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not paths.cafile and not paths.capath:
        context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        _add(context, Path(ca_file))
    return context


def _add(context: ssl.SSLContext, file: Path) -> None:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise _unusable("it is too large")
        context.load_verify_locations(file)
    except ssl.SSLError as error:
        raise _unusable("it holds no certificate as PEM") from error
    except OSError as error:
        raise _unusable(str(error.strerror)) from error


def _unusable(why: str) -> ConfigInvalid:
    return ConfigInvalid(f"The file of the setting `ca_file` cannot be used: {why}.", param="ca_file")
