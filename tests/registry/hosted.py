"""A registry in a folder as its commands see it, and boxes that speak to it without a network."""

from contextlib import contextmanager
from datetime import UTC, datetime

from appliance.federation.protocol.enroll_code import read_code
from appliance.wiring.registry import opened_registry
from tests.registry.desks import BoxForTests


class SystemTime:
    """The time that commands have."""

    @property
    def now_s(self):
        return int(datetime.now(UTC).timestamp())

    @property
    def day(self):
        return datetime.now(UTC).date().isoformat()


class Hosted:
    """What ``BoxForTests`` speaks to: the registry's own desk, as if on a stick."""

    def __init__(self, registry):
        self.desk = registry.desk
        self.clock = SystemTime()

    def send(self, _key, token):
        return self.desk.receive(token)


@contextmanager
def hosted(at):
    """Scope of boxes that speak to the registry in that folder."""
    with opened_registry(at) as registry:
        yield Hosted(registry)


def enrolled(at, text):
    """A box that came in with that code; it speaks while the registry is hosted."""
    with hosted(at) as here:
        box = BoxForTests(here)
        box.enroll(read_code(text).code)
    return box


def with_box(at, box, act):
    """Let the box do something."""
    with hosted(at) as here:
        box.registry = here
        return act(box)
