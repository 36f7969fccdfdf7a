"""What services that deal with a registry need: who the box is, the clock that they trust, rows."""

from dataclasses import dataclass, field

from appliance.federation.protocol.limits import SKEW_S


@dataclass
class OwnBox:
    """The box of a key; ``enrolled`` where a test says so. ``replaced`` are keys that it had."""

    key: object
    enrolled: bool = False
    replaced: frozenset[str] = frozenset()

    @property
    def box_id(self):
        return self.key.public.id

    def ids(self):
        return frozenset({self.box_id})

    def keys_now(self):
        return frozenset({self.box_id})

    def keys_ever(self):
        return self.keys_now() | self.replaced

    def sign(self, kind, value):
        return self.key.sign(kind, value)


@dataclass
class TrustedStill:
    """A clock that is trusted; ``learned`` are the signed times that it was told."""

    clock: object
    suspect: bool = False
    learned: list[int] = field(default_factory=list)

    def now_ms(self):
        return self.clock.now_ms()

    def monotonic_s(self):
        return self.clock.monotonic_s()

    @property
    def latest_s(self):
        return self.now_ms() // 1000 + SKEW_S

    async def learn(self, signed_s):
        self.learned.append(signed_s)


class StatusListRows:
    def __init__(self):
        self.tokens = {}

    async def keep(self, registry, signed_ms, token):
        if signed_ms >= self.tokens.get(registry, (0, ""))[0]:
            self.tokens[registry] = (signed_ms, token)

    async def all(self):
        return [token for _, token in self.tokens.values()]


class NoRequests:
    async def all(self):
        return []


class AskedRows:
    def __init__(self):
        self.rows = {}

    async def add(self, asked):
        self.rows[asked.message] = asked

    async def change(self, asked):
        self.rows[asked.message] = asked

    async def all(self):
        return list(self.rows.values())


class OutboxRows:
    """The port ``Outbox``: the first of an id counts."""

    def __init__(self):
        self.messages = {}

    async def put(self, message):
        self.messages.setdefault(message.id, message)

    async def waiting(self, kind):
        return sum(one.kind == kind for one in self.messages.values())
