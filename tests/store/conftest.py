"""A real database file in a temporary folder, a clock that stands still, and holds to try it with."""

import shutil

import pytest

from appliance.domain.model import ModelIdentity
from appliance.domain.people import ApiKey, Caller
from appliance.domain.usage import Hold
from appliance.store.store import Store

NOON_MS = 1_790_000_000_000
CALLER = Caller("key_1", "default", "default")


class StillClock:
    """Moves when a test says so."""

    def __init__(self):
        self.time_ms = NOON_MS

    def now_ms(self):
        return self.time_ms

    def monotonic_s(self):
        return self.time_ms / 1000


@pytest.fixture
def clock():
    return StillClock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "carrel.db"


@pytest.fixture(scope="session")
def new_database(tmp_path_factory):
    """An empty one with its schema, made once: each test has a copy."""
    made = tmp_path_factory.mktemp("new") / "carrel.db"
    Store.open(made, StillClock()).close()
    return made


@pytest.fixture
def store(path, clock, new_database):
    path.parent.mkdir(mode=0o700)
    shutil.copy(new_database, path)
    opened = Store.open(path, clock)
    yield opened
    opened.close()


@pytest.fixture
def make_key():
    def make(name="key_1", project="default", **changes):
        values = {
            "id": name,
            "name": "laptop",
            "last4": "abcd",
            "person_id": "default",
            "project_id": project,
            "created_ms": NOON_MS,
            "expires_ms": None,
            "revoked_ms": None,
        }
        return ApiKey(**(values | changes))

    return make


@pytest.fixture
async def caller(store, make_key):
    """A caller whose key is in the store."""
    key = make_key()
    await store.keys.add(key, bytes(32))
    return key.caller()


@pytest.fixture
def make_hold():
    def make(request_id="req_1", *, caller=CALLER, gflop=100, **changes):
        values = {
            "request_id": request_id,
            "caller": caller,
            "model": ModelIdentity("handbook-tiny", 3, "ab" * 32, "fake-1"),
            "prompt_tokens": 10,
            "max_completion_tokens": 20,
            "gflop": gflop,
            "gflop_of_prompt": 40,
            "gflop_per_token": 5,
            "started_ms": NOON_MS,
        }
        return Hold(**(values | changes))

    return make


@pytest.fixture
def rows(store):
    """The usage rows, in order, as dicts."""

    async def read():
        return await store._reader.run(lambda db: list(db.query("SELECT * FROM usage ORDER BY seq")))

    return read
