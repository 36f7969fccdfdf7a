"""``/tuf/``: the catalog as files, read below one folder and nowhere else. Whoever changes it writes whole
files, so that each is read whole.
"""

import re
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from tuf.api.exceptions import DownloadError

from appliance.catalog.signed.fetching import METADATA, TARGETS, cap_of, read_below
from appliance.errors import NotFound
from appliance.federation.protocol.kinds import TUF
from appliance.registry.web.hands import Hands

AnyRequest = Request[Any, Any, Any]

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASKED_AGAIN: Final = "no-cache"
_METADATA: Final = re.compile(rf"{METADATA}/[a-z0-9][a-z0-9.-]{{0,80}}\.json\Z")
_TARGET: Final = re.compile(rf"{TARGETS}(/[A-Za-z0-9_-][A-Za-z0-9._-]{{0,199}}){{1,6}}\Z")
_NUMBERED: Final = re.compile(rf"{METADATA}/[0-9]+\.|{TARGETS}/(.+/)?[0-9a-f]{{64}}\.")
"""Names that stand for the same bytes for ever."""


def catalog_routes(folder: Path, hands: Hands) -> list[HTTPRouteHandler]:
    """One address for all files. There are no lists of folders."""

    @get(f"/{TUF}/{{path:path}}", name="catalog")
    async def read(request: AnyRequest) -> Response[bytes]:
        name = str(request.path_params["path"]).removeprefix("/")
        data = await hands.run(lambda: read_file(folder, name))
        cached = _FOR_EVER if _NUMBERED.match(name) else _ASKED_AGAIN
        media = "application/json" if name.startswith(f"{METADATA}/") else "application/octet-stream"
        headers = {"cache-control": cached, "x-content-type-options": "nosniff"}
        return Response(data, media_type=media, headers=headers)

    return [read]


def read_file(folder: Path, name: str) -> bytes:
    """Raises ``NotFound`` for whatever is not there, leads elsewhere or is no file of a catalog."""
    if not (_METADATA.match(name) or _TARGET.match(name)):
        raise NotFound("There is no such file in the catalog.")
    try:
        return read_below(folder, name, cap_of(name))
    except DownloadError as error:
        raise NotFound("There is no such file in the catalog.") from error
