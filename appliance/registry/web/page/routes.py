"""``/``: the page, for those who may read it. Facts are read at most once a minute, whoever asks."""

import base64
import binascii
import hmac
import threading
from collections.abc import Callable
from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from appliance.domain.clock import Clock
from appliance.registry.setting_up.settings import PageReaders
from appliance.registry.web.hands import Hands
from appliance.registry.web.page.document import SPANS, STYLE_PATH, document
from appliance.registry.web.page.facts import MEASURES, Facts, Measure
from appliance.registry.web.page.style import CSS

AnyRequest = Request[Any, Any, Any]

READER: Final = "reader"
KEPT_S: Final = 60.0
_SECURITY: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


class Recent:
    """What was read within the last minute. Blocking; two who ask at once wait for one reading."""

    def __init__(self, read: Callable[[int], Facts], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._kept: dict[int, tuple[float, Facts]] = {}
        self._mutex = threading.Lock()

    def facts(self, span_days: int) -> Facts:
        """Of that many days. Raises ``StorageUnavailable``."""
        with self._mutex:
            at_s, facts = self._kept.get(span_days, (0.0, None))
            now_s = self._clock.monotonic_s()
            if facts is None or now_s - at_s >= KEPT_S:
                facts = self._read(span_days)
                self._kept[span_days] = (now_s, facts)
            return facts


def page_routes(recent: Recent, hands: Hands, readers: PageReaders, token: str) -> list[HTTPRouteHandler]:
    """None where nobody may read."""
    if readers == "off":
        return []

    @get("/", name="page")
    async def show(request: AnyRequest) -> Response[str]:
        if readers == "token" and not _may_read(request.headers.get("authorization", ""), token):
            return _asks_who()
        span, measure = _asked(request)
        html = await hands.run(lambda: document(recent.facts(span), span, measure))
        return Response(html, media_type="text/html", headers=_SECURITY)

    @get(f"/{STYLE_PATH}", name="style")
    async def style() -> Response[str]:
        headers = {**_SECURITY, "cache-control": "max-age=3600"}
        return Response(CSS, media_type="text/css", headers=headers)

    return [show, style]


def _asked(request: AnyRequest) -> tuple[int, Measure]:
    """What cannot be shown is shown as usual."""
    days = request.query_params.get("days", "")
    span = next((one for one in SPANS if str(one) == days), SPANS[1])
    wanted = request.query_params.get("of", "")
    return span, next((one for one in MEASURES if one == wanted), "credits")


def _may_read(header: str, token: str) -> bool:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic" or not token:
        return False
    try:
        given = base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(given, f"{READER}:{token}".encode())


def _asks_who() -> Response[str]:
    headers = {**_SECURITY, "www-authenticate": 'Basic realm="Carrel registry", charset="UTF-8"'}
    words = f"Log in as `{READER}` with the registry's page token.\n"
    return Response(words, status_code=401, media_type="text/plain", headers=headers)
