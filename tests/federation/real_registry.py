"""The product's own registry on a real socket, for boxes of tests."""

from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from appliance.edge.listening import Listener
from appliance.edge.sockets import TcpBind
from appliance.federation.exchange.http import HttpTransport
from appliance.federation.protocol.kinds import PATHS, SYNC
from appliance.federation.protocol.messages import Sync
from appliance.outbound.address import Address
from appliance.outbound.client import Outbound
from appliance.outbound.switch import Switch
from appliance.registry.receiving.joining import open_desk
from appliance.registry.store import marks
from appliance.registry.web.app import registry_app
from appliance.registry.web.hands import Hands
from tests.edge.tiny_apps import FakeClock, RecordingLog
from tests.federation.made import new_id
from tests.registry.desks import ABOUT, BoxForTests, DeskForTests


class Recording:
    """Before a desk: remembers what came, as it came. ``at`` sets the registry's clock."""

    def __init__(self, at):
        self._at = at
        self.desk = None
        self.tokens = []

    def receive(self, token, proof=None, path=None, *, address=""):
        self._at()
        self.tokens.append(token)
        return self.desk.receive(token, proof, path, address=address)

    def nonce(self):
        self._at()
        return self.desk.nonce()


class RealRegistry:
    """Over a database; its clock says what ``clock``, that of a box, does."""

    def __init__(self, database, folder, clock):
        self.office = DeskForTests(database, folder)
        self.database, self._clock = database, clock
        self.heard = Recording(self.set_clock)

    def set_clock(self):
        self.office.clock.now_s = self._clock.now_ms() // 1000

    def enroll(self, box):
        """As over the network, with the box's own key."""
        self.set_clock()
        BoxForTests(self.office, box.key).enroll(self.office.code())

    def rows(self, sql):
        with self.database.reading() as session:
            return list(session.rows(sql, {}))

    @property
    def requests(self):
        """Of all boxes, on all days."""
        return sum(row["requests"] for row in self.rows("SELECT requests FROM use_of_box"))

    @property
    def marks(self):
        with self.database.reading() as session:
            return [one.kind for one in marks.all_of(session)]

    def direct(self, box):
        """A way that is no network."""
        return _Direct(self, box)

    @asynccontextmanager
    async def on_http(self, box):
        """A way over a real socket."""
        hands = Hands(threads=2)
        app = registry_app(
            name="central", address="https://registry.example", desk=self.heard, catalog=Path("/nowhere"),
            hands=hands, log=RecordingLog(), page=(),
        )  # fmt: skip
        listener = Listener(
            app, bind=TcpBind("127.0.0.1", 0), clock=FakeClock(), log=RecordingLog(), tls=None
        )
        await listener.start()
        address = Address.parse(f"http://127.0.0.1:{listener.port}", plain_http=True)
        about = replace(ABOUT, hosts=frozenset({address.host}))
        self.heard.desk = open_desk(self.database, self.office.signers, about, self.office.clock)
        transport = HttpTransport(
            Outbound(switch=Switch()), address, lambda _key, kind, value: box.key.sign(kind, value)
        )
        try:
            yield transport
        finally:
            await transport.aclose()
            await listener.stop(1)
            hands.close()


async def bring_mail(box, transport):
    """What waits at the registry comes to the box."""
    asked = Sync(box=box.id, jti=new_id("msg"), iat=box.clock.now_ms() // 1000)
    reply = await transport.post(PATHS[SYNC], box.key.sign(SYNC, asked))
    for token in reply.items:
        await box.take(token)


class _Direct:
    def __init__(self, registry, box):
        self._registry, self._box = registry, box

    async def post(self, path, token):
        self._registry.set_clock()
        return self._registry.office.send(self._box.key, token)
