"""The registry's app on a real socket, before whatever answers messages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import httpx

from appliance.edge.bodies import BodyLimits
from appliance.edge.listening import Listener
from appliance.edge.sockets import TcpBind
from appliance.federation.protocol.replies import Refused, Reply
from appliance.registry.web.app import registry_app
from appliance.registry.web.hands import Hands
from appliance.registry.web.messages import LIMITS
from tests.edge.tiny_apps import FakeClock, RecordingLog

JOSE = {"content-type": "application/jose", "carrel-proof": "proof"}


class FakeDesk:
    """Answers everything, but what ``answer`` raises."""

    def __init__(self, answer=lambda _token: Reply(re="msg_1")):
        self.answer = answer
        self.heard = []
        self._nonces = count(1)

    def receive(self, token, proof=None, path=None, *, address=""):
        self.heard.append((token, proof, path, address))
        return self.answer(token)

    def nonce(self):
        return f"nonce-of-the-desk-{next(self._nonces)}"


def refuses(name, title="No.", **members):
    def answer(_token):
        raise Refused(name, title, **members)

    return FakeDesk(answer)


@asynccontextmanager
async def web(
    desk=None, *, catalog=Path("/nowhere"), page=(), limits: BodyLimits = LIMITS, hands=None, tls=None
) -> AsyncIterator[httpx.AsyncClient]:
    hands = hands or Hands(threads=2)
    app = registry_app(
        name="central",
        address="https://registry.example",
        desk=desk or FakeDesk(),
        catalog=catalog,
        hands=hands,
        log=RecordingLog(),
        page=page,
        limits=limits,
    )
    bind = TcpBind("127.0.0.1", 0)
    listener = Listener(app, bind=bind, clock=FakeClock(), log=RecordingLog(), tls=tls)
    await listener.start()
    scheme = "http" if tls is None else "https"
    try:
        async with httpx.AsyncClient(base_url=f"{scheme}://127.0.0.1:{listener.port}", verify=False) as http:
            yield http
    finally:
        await listener.stop(1)
        hands.close()
